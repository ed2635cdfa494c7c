package studio

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/picture"
	"github.com/florin-studio/florin/internal/store"
)

// paint makes the pictures a job still lacks, one by one.
func (s *Studio) paint(ctx context.Context, r *run) error {
	made := map[int]bool{}
	for _, p := range r.job.Pictures {
		made[p.Index] = true
	}
	if len(made) == r.job.Spec.Images {
		return nil
	}
	m, err := s.gather(ctx, r.job.Account, &r.job.Spec)
	if err != nil {
		return err
	}
	for i := range r.job.Spec.Images {
		if made[i] {
			continue
		}
		if err := s.paintOne(ctx, r, &m, i); err != nil {
			return err
		}
	}
	return nil
}

// paintOne makes one picture, stores its files, and then tells of it: a picture that
// is listed can be opened.
func (s *Studio) paintOne(ctx context.Context, r *run, m *materials, index int) error {
	spec := &r.job.Spec
	result, err := r.engine.Run(ctx, m.task(spec, index), func(percent int) { s.report(r, percent) })
	if err != nil {
		return err
	}
	defer s.writingFiles()()
	p, err := s.storePicture(r, m, index, result)
	if err != nil {
		return fmt.Errorf("storing picture %d: %w", index+1, err)
	}
	facts, err := json.Marshal(p.Facts)
	if err != nil {
		return err
	}
	progress := int64(100 * (len(r.job.Pictures) + 1) / spec.Images)
	err = s.write(context.WithoutCancel(ctx), func(ctx context.Context, tx *store.Tx) error {
		if err := s.own(ctx, tx, &r.job, progress); err != nil {
			return err
		}
		rows, err := tx.Exec(ctx, `INSERT INTO pictures (account, id, job, idx, seed, width, height, file, thumb, facts, recipe, created)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING`,
			p.Account, p.ID, p.Job, p.Index, p.Seed, p.Width, p.Height, p.File, p.Thumb, string(facts), string(result.Recipe), int64(p.Created))
		if err != nil || rows == 0 {
			return err
		}
		files := []string{p.File, p.Thumb}
		for _, f := range p.Facts.Files {
			files = append(files, f.File)
		}
		return nameFiles(ctx, tx, p.Account, p.ID, files...)
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	r.job.Pictures = append(slices.Clone(r.job.Pictures), p) // listeners may hold the old list
	r.progress = progress
	r.job.Progress, r.job.Updated = progress, s.now()
	s.mu.Unlock()
	s.publish(r.job)
	return nil
}

// maxRecipe bounds what an engine may want to be reminded of, in bytes.
const maxRecipe = 64 << 10

// storePicture writes a picture's files.
func (s *Studio) storePicture(r *run, m *materials, index int, result engine.Result) (Picture, error) {
	spec := &r.job.Spec
	size := result.Image.Bounds()
	if len(result.Recipe) > maxRecipe {
		return Picture{}, fmt.Errorf("engine %s gave a recipe of %d bytes, at most %d are allowed", r.engine.Describe().ID, len(result.Recipe), maxRecipe)
	}
	p := Picture{
		Account: r.job.Account, ID: uuid.Must(uuid.NewV7()).String(), Job: r.job.ID, Index: index, Seed: result.Seed,
		Width: size.Dx(), Height: size.Dy(), Created: s.now(),
		Facts: PictureFacts{
			Prompt: spec.Prompt, Used: result.UsedWords, Ignored: result.IgnoredWords, Scene: result.Scene, Rewritten: result.Prompt,
			Note: result.Note, Operation: spec.Operation, Source: spec.Source, Engine: r.engine.Describe().ID,
		},
	}
	if p.Facts.Prompt == "" {
		p.Facts.Prompt = m.prompt
	}
	var full, small bytes.Buffer
	err := picture.EncodePNG(&full, result.Image, settingsOf(r, &p))
	if err == nil {
		err = picture.EncodeThumbnail(&small, result.Image)
	}
	if err == nil {
		p.File, err = s.Files.Put(full.Bytes(), "png")
	}
	if err == nil {
		p.Thumb, err = s.Files.Put(small.Bytes(), "jpg")
	}
	for _, f := range result.Files {
		if err != nil {
			break
		}
		extra := ExtraFile{Kind: f.Kind, Type: f.Type, Bytes: int64(len(f.Data))}
		extra.File, err = s.Files.Put(f.Data, Ending(f.Type))
		p.Facts.Files = append(p.Facts.Files, extra)
	}
	return p, err
}

// settingsOf are what a picture's file tells of its making.
func settingsOf(r *run, p *Picture) []picture.Setting {
	spec, about := &r.job.Spec, r.engine.Describe()
	settings := []picture.Setting{
		{Name: "Software", Value: "Florin"},
		{Name: "Comment", Value: about.Honesty},
		{Name: "prompt", Value: p.Facts.Prompt},
		{Name: "negative_prompt", Value: spec.NegativePrompt},
		{Name: "seed", Value: strconv.FormatInt(p.Seed, 10)},
		{Name: "pipeline", Value: spec.Pipeline},
		{Name: "engine", Value: about.ID},
	}
	var elements []string
	for _, e := range spec.Elements {
		elements = append(elements, e.ID+":"+strconv.FormatFloat(e.Weight, 'g', -1, 64))
	}
	for _, more := range []picture.Setting{
		{Name: "operation", Value: spec.Operation}, {Name: "model", Value: spec.Model}, {Name: "prompt_magic", Value: spec.PromptMagic},
		{Name: "rewritten_prompt", Value: p.Facts.Rewritten}, {Name: "elements", Value: strings.Join(elements, " ")},
		{Name: "used_words", Value: strings.Join(p.Facts.Used, " ")}, {Name: "ignored_words", Value: strings.Join(p.Facts.Ignored, " ")},
		{Name: "note", Value: p.Facts.Note},
	} {
		if more.Value != "" {
			settings = append(settings, more)
		}
	}
	return settings
}

// Ending is the ending of files of a media type, without a dot.
func Ending(mediaType string) string {
	switch mediaType {
	case "image/png":
		return "png"
	case "image/jpeg":
		return "jpg"
	case "image/webp":
		return "webp"
	case "image/gif":
		return "gif"
	case "model/gltf-binary":
		return "glb"
	case "model/obj":
		return "obj"
	case "application/json":
		return "json"
	case "application/zip":
		return "zip"
	case "text/plain":
		return "txt"
	}
	return "bin"
}

// report takes an engine's progress with one picture into the job's.
func (s *Studio) report(r *run, percent int) {
	s.mu.Lock()
	done := int64(len(r.job.Pictures)*100+percent) / int64(r.job.Spec.Images)
	news := done > r.progress
	r.progress = max(r.progress, done)
	j := r.job
	s.mu.Unlock()
	if news {
		j.Progress, j.Updated = done, s.now()
		s.hub.publish(j.Account, Event{Kind: "job", Changed: &j, At: j.Updated})
	}
}
