package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/picture"
	"github.com/florin-studio/florin/internal/studio"
)

type engineCmd struct {
	Run     engineRunCmd     `cmd:"" help:"Run an operation on the built-in engine, without the server and without tokens."`
	Gallery engineGalleryCmd `cmd:"" help:"Draw a contact sheet of what the built-in engine can do here."`
}

type engineRunCmd struct {
	Operation string `arg:"" help:"generate, unzoom, upscale, alchemy_upscale, remove_background, texture_preview, texture, improve, or random."`

	In          string   `help:"Picture to work on; one that this command wrote is known again exactly." placeholder:"FILE"`
	Mask        string   `help:"Mask of the canvas: white is repainted." placeholder:"FILE"`
	Mesh        string   `help:"OBJ or GLB file for the texture operations." placeholder:"FILE"`
	Prompt      string   `help:"What the picture shows." placeholder:"TEXT"`
	Negative    string   `help:"What it should not show." placeholder:"TEXT"`
	Element     []string `help:"Element with its weight, in order; may be repeated." placeholder:"ID:WEIGHT"`
	Reference   []string `help:"Picture that guides: palette, structure, edges or image; may be repeated." placeholder:"FILE:KIND:STRENGTH"`
	Pipeline    string   `help:"Pipeline of generate; canvas works on --in." default:"default" placeholder:"ID"`
	Model       string   `help:"Model." placeholder:"ID"`
	PromptMagic string   `help:"Prompt Magic: v2 or v3." placeholder:"VERSION"`
	Width       int      `help:"Width in pixels." default:"768"`
	Height      int      `help:"Height in pixels." default:"768"`
	Steps       int      `help:"Steps; 0 for the engine's own."`
	Seed        int64    `help:"Seed." default:"1"`
	Tiling      bool     `help:"Make a picture that continues itself on all sides."`
	Extend      string   `help:"Pixels by which the canvas grows." placeholder:"LEFT,TOP,RIGHT,BOTTOM"`
	Strength    float64  `help:"How far the canvas may leave the picture, 0 to 1." default:"1"`
	Scale       int      `help:"2 or 4, for the upscalers." default:"2"`
	Zoom        float64  `help:"How much wider unzoom looks." default:"1.5"`
	Style       string   `help:"A kind of pictures that the operation knows." placeholder:"NAME"`
	Out         string   `help:"File to write, PNG; what comes with the picture is written beside it." placeholder:"FILE"`
	Quiet       bool     `help:"No progress."`
}

// Run runs the operation and tells what came of it.
func (c *engineRunCmd) Run(s *streams) error {
	e := s.builtinEngine()
	if c.Operation == "improve" || c.Operation == "random" {
		return c.suggest(s, e)
	}
	d := e.Describe()
	op := engine.Operation(c.Operation)
	if how := d.Missing[op]; how != "" {
		return fmt.Errorf("%s is not installed: %s", op, how)
	}
	if !slices.Contains(d.Operations, op) {
		return fmt.Errorf("unknown operation %q; %s has %v", op, d.Name, d.Operations)
	}
	task, err := c.task(op)
	if err != nil {
		return err
	}
	began, before := time.Now(), cpuTime()
	result, err := e.Run(s.ctx, task, c.progress(s))
	if err != nil {
		return err
	}
	wall := time.Since(began)
	e.Close() // what a worker took counts once it has ended
	return c.tell(s, d, result, cpuTime()-before, wall)
}

// progress shows percents on the standard error, on one line.
func (c *engineRunCmd) progress(s *streams) engine.Report {
	if f, ok := s.err.(*os.File); c.Quiet || s.JSON || !ok || !terminal(f) {
		return func(int) {}
	}
	last := -1
	return func(percent int) {
		if percent != last {
			last = percent
			fmt.Fprintf(s.err, "\r%3d %%", percent)
		}
		if percent == 100 {
			fmt.Fprint(s.err, "\r      \r")
		}
	}
}

// terminal tells whether somebody may be watching: a device rather than a file or a pipe.
func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (c *engineRunCmd) suggest(s *streams, p engine.Prompter) error {
	text := p.Random(c.Seed)
	if c.Operation == "improve" {
		var err error
		if text, err = p.Improve(c.Prompt, "", c.Seed); err != nil {
			return err
		}
	}
	if s.JSON {
		return s.print(map[string]string{"prompt": text})
	}
	_, err := fmt.Fprintln(s.out, text)
	return err
}

// task reads what the flags name.
func (c *engineRunCmd) task(op engine.Operation) (engine.Task, error) {
	t := engine.Task{
		Operation: op, Model: c.Model, Prompt: c.Prompt, NegativePrompt: c.Negative, PromptMagic: c.PromptMagic, Steps: c.Steps,
		Seed: c.Seed, Tiling: c.Tiling, Style: c.Style,
	}
	var err error
	if c.In != "" {
		if t.Source, err = readSource(c.In); err != nil {
			return t, err
		}
	}
	switch op {
	case engine.Generate:
		t.Pipeline, t.Width, t.Height, t.Strength = c.Pipeline, c.Width, c.Height, c.Strength
		err = c.canvas(&t)
	case engine.Unzoom:
		t.Zoom = c.Zoom
	case engine.Upscale, engine.AlchemyUpscale:
		t.Scale = c.Scale
	}
	if err != nil {
		return t, err
	}
	if c.Mesh != "" {
		raw, err := os.ReadFile(c.Mesh)
		if err != nil {
			return t, err
		}
		t.Mesh = &engine.Mesh{Format: strings.ToLower(strings.TrimPrefix(filepath.Ext(c.Mesh), ".")), Data: raw}
	}
	for _, text := range c.Element {
		id, weight, err := weighted(text, 1)
		if err != nil {
			return t, fmt.Errorf("--element %s: %w", text, err)
		}
		t.Elements = append(t.Elements, engine.Element{ID: id, Weight: weight})
	}
	for _, text := range c.Reference {
		r, err := readReference(text)
		if err != nil {
			return t, fmt.Errorf("--reference %s: %w", text, err)
		}
		t.References = append(t.References, r)
	}
	return t, nil
}

// canvas reads mask and growth, and gives the canvas its size.
func (c *engineRunCmd) canvas(t *engine.Task) (err error) {
	if c.Mask != "" {
		if t.Mask, err = readImage(c.Mask); err != nil {
			return err
		}
	}
	if c.Extend != "" {
		sides := strings.Split(c.Extend, ",")
		if len(sides) != 4 {
			return fmt.Errorf("--extend is %q; allowed: four numbers of pixels, left,top,right,bottom", c.Extend)
		}
		for i, to := range []*int{&t.Extend.Left, &t.Extend.Top, &t.Extend.Right, &t.Extend.Bottom} {
			if *to, err = strconv.Atoi(strings.TrimSpace(sides[i])); err != nil {
				return fmt.Errorf("--extend: %q is not a whole number", sides[i])
			}
		}
	}
	if t.Source != nil && t.Pipeline == "canvas" {
		size := t.Source.Image.Bounds()
		t.Width, t.Height = size.Dx()+t.Extend.Left+t.Extend.Right, size.Dy()+t.Extend.Top+t.Extend.Bottom
	}
	return nil
}

// weighted splits "name:0.5"; without a number the usual one is taken.
func weighted(text string, usual float64) (string, float64, error) {
	name, number, ok := strings.Cut(text, ":")
	if !ok {
		return text, usual, nil
	}
	weight, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return "", 0, fmt.Errorf("%q is not a number", number)
	}
	return name, weight, nil
}

// readReference reads FILE:KIND:STRENGTH; the file's name may have colons itself.
func readReference(text string) (engine.Reference, error) {
	parts := strings.Split(text, ":")
	if len(parts) < 2 {
		return engine.Reference{}, errors.New("allowed: FILE:KIND:STRENGTH, such as lake.jpg:palette:0.6")
	}
	r := engine.Reference{Strength: 0.6}
	last := len(parts) - 1
	if strength, err := strconv.ParseFloat(parts[last], 64); err == nil && last >= 2 {
		r.Strength = strength
		last--
	}
	r.Kind = engine.ReferenceKind(parts[last])
	img, err := readImage(strings.Join(parts[:last], ":"))
	r.Image = img
	return r, err
}

func readImage(path string) (image.Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	img, _, err := picture.ReadUpload(f, picture.Limits{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return img, nil
}

// The settings under which a written picture keeps its recipe, so that later operations know it.
const (
	recipeSetting = "recipe"
	engineSetting = "engine"
)

// readSource reads a picture, and its recipe if this command wrote it.
func readSource(path string) (*engine.Source, error) {
	img, err := readImage(path)
	if err != nil {
		return nil, err
	}
	source := &engine.Source{Image: img}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	settings, err := picture.ReadSettings(f)
	if err != nil {
		return source, nil // not a PNG: it has no recipe
	}
	for _, s := range settings {
		switch {
		case s.Name == recipeSetting && json.Valid([]byte(s.Value)):
			source.Recipe = json.RawMessage(s.Value)
		case s.Name == engineSetting:
			source.Engine = s.Value
		}
	}
	return source, nil
}

// told is what the command prints of a result.
type told struct {
	Width   int      `json:"width"`
	Height  int      `json:"height"`
	Seed    int64    `json:"seed"`
	Scene   string   `json:"scene,omitempty"`
	Used    []string `json:"used_words,omitempty"`
	Ignored []string `json:"ignored_words,omitempty"`
	Prompt  string   `json:"rewritten_prompt,omitempty"`
	Note    string   `json:"note,omitempty"`
	Files   []string `json:"files"`
	// CPU and Wall are milliseconds.
	CPU  int64 `json:"cpu_ms"`
	Wall int64 `json:"wall_ms"`
}

// tell writes the files and says what was made, of what, and what it took.
func (c *engineRunCmd) tell(s *streams, d engine.Description, r engine.Result, cpu, wall time.Duration) error {
	size := r.Image.Bounds()
	out := told{
		Width: size.Dx(), Height: size.Dy(), Seed: r.Seed, Scene: r.Scene, Used: r.UsedWords, Ignored: r.IgnoredWords, Prompt: r.Prompt,
		Note: r.Note, Files: []string{}, CPU: cpu.Milliseconds(), Wall: wall.Milliseconds(),
	}
	if c.Out != "" {
		var err error
		if out.Files, err = c.write(d, r); err != nil {
			return err
		}
	}
	if s.JSON {
		return s.print(out)
	}
	for _, line := range []struct{ name, text string }{
		{"picture", fmt.Sprintf("%d×%d, seed %d", out.Width, out.Height, out.Seed)},
		{"scene", out.Scene}, {"used", strings.Join(out.Used, " ")}, {"ignored", strings.Join(out.Ignored, " ")},
		{"prompt", out.Prompt}, {"note", out.Note}, {"files", strings.Join(out.Files, " ")},
		{"took", fmt.Sprintf("%.2f s of the processor, %.2f s in all", cpu.Seconds(), float64(out.Wall)/1000)},
	} {
		if line.text == "" {
			continue
		}
		if _, err := fmt.Fprintf(s.out, "%-8s %s\n", line.name, line.text); err != nil {
			return err
		}
	}
	return nil
}

// write writes the picture with its recipe, and what came with it beside it.
func (c *engineRunCmd) write(d engine.Description, r engine.Result) ([]string, error) {
	settings := []picture.Setting{
		{Name: "Software", Value: "Florin"}, {Name: "Comment", Value: d.Honesty}, {Name: "prompt", Value: c.Prompt},
		{Name: "seed", Value: strconv.FormatInt(r.Seed, 10)}, {Name: engineSetting, Value: d.ID},
	}
	if len(r.Recipe) > 0 {
		settings = append(settings, picture.Setting{Name: recipeSetting, Value: string(r.Recipe)})
	}
	var full bytes.Buffer
	if err := picture.EncodePNG(&full, r.Image, settings); err != nil {
		return nil, err
	}
	files := []string{c.Out}
	if err := os.WriteFile(c.Out, full.Bytes(), 0o644); err != nil {
		return nil, err
	}
	stem := strings.TrimSuffix(c.Out, filepath.Ext(c.Out))
	seen := map[string]int{}
	for _, f := range r.Files {
		name := stem + "-" + f.Kind
		if seen[f.Kind]++; seen[f.Kind] > 1 {
			name += "-" + strconv.Itoa(seen[f.Kind])
		}
		name += "." + studio.Ending(f.Type)
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			return files, err
		}
		files = append(files, name)
	}
	return files, nil
}
