package studio

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/florin-studio/florin/internal/engine"
)

// Origin names a picture or an upload of the same account: one of the two, or none.
type Origin struct {
	Picture string `json:"picture,omitempty"`
	Upload  string `json:"upload,omitempty"`
}

// Empty tells that nothing is named.
func (o Origin) Empty() bool { return o == Origin{} }

// Reference is a picture that guides others.
type Reference struct {
	Origin
	Kind engine.ReferenceKind `json:"kind"`
	// Strength is above 0 and at most 1; 0 stands for the usual one.
	Strength float64 `json:"strength,omitempty"`
}

// Element is a style to be used.
type Element struct {
	ID string `json:"id"`
	// Weight lies within the catalog's bounds for this Element; 0 stands for its usual one.
	Weight float64 `json:"weight,omitempty"`
}

// Sides are pixels by which a canvas grows.
type Sides struct {
	Left   int `json:"left,omitempty"`
	Top    int `json:"top,omitempty"`
	Right  int `json:"right,omitempty"`
	Bottom int `json:"bottom,omitempty"`
}

// operations are those that a job may ask for beside painting, which has none.
var operations = []engine.Operation{
	engine.Unzoom, engine.Upscale, engine.AlchemyUpscale, engine.RemoveBackground, engine.TexturePreview, engine.Texture,
}

// canvas is the pipeline that paints into a given picture.
const canvas = "canvas"

// Needs is what an engine must be able to do for a job.
type Needs struct {
	Operation     engine.Operation
	Pipeline      string
	Model         string
	Elements      []string
	References    []engine.ReferenceKind
	PromptMagic   bool
	Width, Height int
}

// Needs tells what an engine must be able to do for this.
func (s *Spec) Needs() Needs {
	n := Needs{Operation: engine.Operation(s.Operation), Pipeline: s.Pipeline, Model: s.Model, PromptMagic: s.PromptMagic != ""}
	if s.Operation == "" {
		n.Operation, n.Width, n.Height = engine.Generate, s.Width, s.Height
	}
	for _, e := range s.Elements {
		n.Elements = append(n.Elements, e.ID)
	}
	for _, r := range s.References {
		n.References = append(n.References, r.Kind)
	}
	return n
}

// MetBy tells whether an engine of that description can do it.
func (n Needs) MetBy(d engine.Description) bool { return n.lack(d) == nil }

// NotInstalled means that no engine of this installation does what was asked for. It cost nothing.
type NotInstalled struct {
	// Field of the request and the value that no engine takes.
	Field, Value string
	// How says in a sentence what is missing and how to get it.
	How string
}

// Error tells what is missing.
func (e *NotInstalled) Error() string {
	return fmt.Sprintf("%s %q is not installed here: %s", e.Field, e.Value, e.How)
}

// lack tells what an engine of that description lacks, or nil.
func (n Needs) lack(d engine.Description) *NotInstalled {
	op := string(n.Operation)
	if !slices.Contains(d.Operations, n.Operation) {
		how := d.Missing[n.Operation]
		if how == "" {
			how = "no engine of this installation does it"
		}
		return &NotInstalled{"operation", op, how}
	}
	if n.Operation != engine.Generate {
		return nil
	}
	if len(d.Pipelines) > 0 && !slices.Contains(d.Pipelines, n.Pipeline) {
		return &NotInstalled{"pipeline", n.Pipeline, "the engines here paint " + strings.Join(d.Pipelines, ", ")}
	}
	for _, id := range n.Elements {
		if !slices.Contains(d.Elements, id) {
			return &NotInstalled{"elements", id, listed("the engines here have ", "no engine here has Elements", d.Elements)}
		}
	}
	for _, kind := range n.References {
		if !slices.Contains(d.References, kind) {
			return &NotInstalled{"references", string(kind), listed("the engines here follow ", "no engine here follows references", d.References)}
		}
	}
	if n.PromptMagic && !d.PromptMagic {
		return &NotInstalled{"prompt_magic", "on", "no engine of this installation has it"}
	}
	if n.Model != "" && len(d.Models) > 0 && !slices.Contains(d.Models, n.Model) {
		return &NotInstalled{"model", n.Model, "the engines here have " + strings.Join(d.Models, ", ")}
	}
	if d.MaxWidth > 0 && n.Width > d.MaxWidth {
		return &NotInstalled{"width", strconv.Itoa(n.Width), fmt.Sprintf("the engines here paint up to %d×%d pixels", d.MaxWidth, d.MaxHeight)}
	}
	if d.MaxHeight > 0 && n.Height > d.MaxHeight {
		return &NotInstalled{"height", strconv.Itoa(n.Height), fmt.Sprintf("the engines here paint up to %d×%d pixels", d.MaxWidth, d.MaxHeight)}
	}
	return nil
}

func listed[T ~string](begin, none string, of []T) string {
	if len(of) == 0 {
		return none
	}
	var words []string
	for _, w := range of {
		words = append(words, string(w))
	}
	return begin + strings.Join(words, ", ")
}

// Makes tells whether any engine paints a pipeline.
func (s *Studio) Makes(pipeline string) bool {
	return s.lacks(Needs{Operation: engine.Generate, Pipeline: pipeline}) == nil
}

// Lacks tells why an operation can't be had here: what is missing and how to get it. It
// is empty where an engine does it.
func (s *Studio) Lacks(operation string) string {
	if missing := s.lacks(Needs{Operation: engine.Operation(operation)}); missing != nil {
		return missing.How
	}
	return ""
}

// lacks asks every engine, and gives the answer of the one that came nearest.
func (s *Studio) lacks(n Needs) *NotInstalled {
	nearest := &NotInstalled{"operation", string(n.Operation), "no engine of this installation does it"}
	for _, e := range s.Engines {
		d := e.Describe()
		missing := n.lack(d)
		if missing == nil {
			return nil
		}
		if missing.Field != "operation" || d.Missing[n.Operation] != "" {
			nearest = missing
		}
	}
	return nearest
}

// Ability is what the engines here can do beside painting, for pages and catalogs.
type Ability struct {
	// Elements and References that an engine here can use.
	Elements    []string
	References  []engine.ReferenceKind
	PromptMagic bool
	// Prompts tells whether an engine helps with prompts.
	Prompts bool
}

// Ability sums up what the engines here can do.
func (s *Studio) Ability() Ability {
	var a Ability
	for _, e := range s.Engines {
		d := e.Describe()
		for _, id := range d.Elements {
			if !slices.Contains(a.Elements, id) {
				a.Elements = append(a.Elements, id)
			}
		}
		for _, kind := range d.References {
			if !slices.Contains(a.References, kind) {
				a.References = append(a.References, kind)
			}
		}
		a.PromptMagic = a.PromptMagic || d.PromptMagic
		_, helps := e.(engine.Prompter)
		a.Prompts = a.Prompts || helps
	}
	return a
}
