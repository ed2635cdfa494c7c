package studio

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

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
	for i := range r.job.Spec.Images {
		if made[i] {
			continue
		}
		if err := s.paintOne(ctx, r, i); err != nil {
			return err
		}
	}
	return nil
}

// paintOne makes one picture, stores its files, and then tells of it: a picture that
// is listed can be opened.
func (s *Studio) paintOne(ctx context.Context, r *run, index int) error {
	spec := r.job.Spec
	task := engine.Task{
		Operation: engine.Generate, Pipeline: spec.Pipeline, Model: spec.Model, Prompt: spec.Prompt, NegativePrompt: spec.NegativePrompt,
		Width: spec.Width, Height: spec.Height, Steps: spec.Steps, Seed: (spec.Seed + int64(index)) % (MaxSeed + 1),
	}
	result, err := r.engine.Run(ctx, task, func(percent int) { s.report(r, percent) })
	if err != nil {
		return err
	}
	p, err := s.storePicture(r, index, result)
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
		_, err := tx.Exec(ctx, `INSERT INTO pictures (account, id, job, idx, seed, width, height, file, thumb, facts, created)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING`,
			p.Account, p.ID, p.Job, p.Index, p.Seed, p.Width, p.Height, p.File, p.Thumb, string(facts), int64(p.Created))
		return err
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

// storePicture writes a picture's two files.
func (s *Studio) storePicture(r *run, index int, result engine.Result) (Picture, error) {
	spec := r.job.Spec
	size := result.Image.Bounds()
	p := Picture{
		Account: r.job.Account, ID: uuid.Must(uuid.NewV7()).String(), Job: r.job.ID, Index: index, Seed: result.Seed,
		Width: size.Dx(), Height: size.Dy(), Created: s.now(),
		Facts: PictureFacts{Prompt: spec.Prompt, Used: result.UsedWords, Ignored: result.IgnoredWords, Scene: result.Scene},
	}
	about := r.engine.Describe()
	var full, small bytes.Buffer
	err := picture.EncodePNG(&full, result.Image, []picture.Setting{
		{Name: "Software", Value: "Florin"},
		{Name: "Comment", Value: about.Honesty},
		{Name: "prompt", Value: spec.Prompt},
		{Name: "negative_prompt", Value: spec.NegativePrompt},
		{Name: "seed", Value: strconv.FormatInt(result.Seed, 10)},
		{Name: "pipeline", Value: spec.Pipeline},
		{Name: "engine", Value: about.ID},
	})
	if err == nil {
		err = picture.EncodeThumbnail(&small, result.Image)
	}
	if err == nil {
		p.File, err = s.Files.Put(full.Bytes(), "png")
	}
	if err == nil {
		p.Thumb, err = s.Files.Put(small.Bytes(), "jpg")
	}
	return p, err
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
