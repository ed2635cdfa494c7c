package planner

import (
	"strconv"
	"strings"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// Bounds of a project.
const (
	MaxWishes   = 50
	MaxPictures = 20_000
	maxSeconds  = 86_400
)

// Project is a list of wishes, and by when they should have come true.
type Project struct {
	Name string `json:"name,omitempty" doc:"Name, as people see it."`
	// By is a date, which means the end of that day in the account's zone, or an instant.
	By string `json:"by,omitempty" doc:"Date (end of that day in the account's zone) or instant in RFC 3339."`
	// FastOnly plans no job into the relaxed lane: it waits for tokens instead.
	FastOnly bool `json:"fast_only,omitempty" doc:"Wait for tokens rather than use the relaxed lane."`
	// SecondsPerPicture is how long a picture takes; without it jobs take no time.
	SecondsPerPicture int    `json:"seconds_per_picture,omitempty" minimum:"0" maximum:"86400" doc:"How long one picture takes; pictures are then made one after another."`
	Wishes            []Wish `json:"wishes" minItems:"1" maxItems:"50" doc:"What is wanted."`
}

// Wish is a number of pictures of one kind. The settings are those of catalog.Request.
type Wish struct {
	What     string `json:"what,omitempty" doc:"Name of the wish, by which others may wait for it."`
	Pictures int    `json:"pictures" minimum:"1" maximum:"20000" doc:"How many pictures."`
	// After names a wish all of whose pictures are made before the first of this one.
	After       string `json:"after,omitempty" doc:"Name of the wish that is finished before this one begins."`
	Pipeline    string `json:"pipeline,omitempty"`
	Operation   string `json:"operation,omitempty"`
	Width       int    `json:"width,omitempty"`
	Height      int    `json:"height,omitempty"`
	Steps       int    `json:"steps,omitempty"`
	References  int    `json:"references,omitempty"`
	Elements    int    `json:"elements,omitempty"`
	PromptMagic string `json:"prompt_magic,omitempty"`
	Model       string `json:"model,omitempty"`
	Private     bool   `json:"private,omitempty"`
}

// Request is the request for one job of so many images.
func (w Wish) Request(images int) catalog.Request {
	return catalog.Request{Pipeline: w.Pipeline, Operation: w.Operation, Images: images, Width: w.Width, Height: w.Height, Steps: w.Steps,
		References: w.References, Elements: w.Elements, PromptMagic: w.PromptMagic, Model: w.Model, Private: w.Private}
}

// Feature is the pipeline's or operation's id.
func (w Wish) Feature() string { return w.Pipeline + w.Operation }

// name is what the wish is called in answers.
func (w Wish) name(list *catalog.Catalog) string {
	if w.What != "" {
		return w.What
	}
	return list.FeatureName(w.Feature())
}

// Pictures is how many pictures all wishes ask for.
func (p *Project) Pictures() int {
	sum := 0
	for _, w := range p.Wishes {
		sum += w.Pictures
	}
	return sum
}

// Check finds what a catalog can't fulfil, or no project may ask for. The error is a
// *token.Invalid or a *token.Refusal whose field names the wish.
func (p *Project) Check(list *catalog.Catalog) error {
	if found := p.problems(list); len(found) > 0 {
		return found[0].err()
	}
	return nil
}

// problem is something wrong at a path of the project.
type problem struct {
	path, value, allowed string
	// refusal is set where the catalog refuses rather than does not understand.
	refusal *token.Refusal
}

func (p problem) err() error {
	if p.refusal != nil {
		r := *p.refusal
		r.Field = p.path
		return &r
	}
	return &token.Invalid{Field: p.path, Value: p.value, Allowed: p.allowed}
}

// text says what is wrong where the file is shown.
func (p problem) text() string {
	if p.refusal != nil {
		return "is refused (" + string(p.refusal.Reason) + ")"
	}
	return "is not valid"
}

func (p *Project) problems(list *catalog.Catalog) []problem {
	var out []problem
	add := func(path, value, allowed string) {
		out = append(out, problem{path: path, value: value, allowed: allowed})
	}
	if n := len(p.Wishes); n < 1 || n > MaxWishes {
		add("wishes", strconv.Itoa(n), "1 to "+strconv.Itoa(MaxWishes)+" wishes")
		return out
	}
	if p.SecondsPerPicture < 0 || p.SecondsPerPicture > maxSeconds {
		add("seconds_per_picture", strconv.Itoa(p.SecondsPerPicture), "0 to "+strconv.Itoa(maxSeconds))
	}
	if _, err := deadline(p.By, calendar.Zone{}); err != nil {
		add("by", p.By, err.Error())
	}
	for i := range p.Wishes {
		out = append(out, p.wishProblems(list, i)...)
	}
	if len(out) == 0 && p.Pictures() > MaxPictures {
		add("wishes", strconv.Itoa(p.Pictures())+" pictures", "at most "+strconv.Itoa(MaxPictures)+" pictures in all")
	}
	if len(out) == 0 {
		if i := p.circle(); i >= 0 {
			add(at(i, "after"), p.Wishes[i].After, "wishes that do not wait for each other in a circle")
		}
	}
	return out
}

func at(wish int, field string) string { return "wishes[" + strconv.Itoa(wish) + "]." + field }

func (p *Project) wishProblems(list *catalog.Catalog, i int) []problem {
	w := p.Wishes[i]
	var out []problem
	add := func(field, value, allowed string) {
		out = append(out, problem{path: at(i, field), value: value, allowed: allowed})
	}
	if w.Pictures < 1 || w.Pictures > MaxPictures {
		add("pictures", strconv.Itoa(w.Pictures), "1 to "+strconv.Itoa(MaxPictures))
	}
	if len(w.What) > 200 {
		add("what", w.What[:20]+"…", "at most 200 bytes")
	}
	if w.After != "" {
		switch p.named(w.After) {
		case 0:
			add("after", w.After, "the name (what) of another wish")
		case 1:
		default:
			add("after", w.After, "a name that only one wish has")
		}
	}
	if w.Pipeline == "" && w.Operation == "" {
		add("pipeline", "", "the id of a pipeline, or operation with the id of an operation")
		return out
	}
	price, err := list.Price(w.Request(1), 0)
	switch e := err.(type) {
	case nil:
		if price.Tokens >= dearest {
			add("pipeline", w.Feature(), "features of less than "+strconv.FormatInt(dearest, 10)+" tokens a picture")
		}
	case *token.Invalid:
		add(e.Field, e.Value, e.Allowed)
	case *token.Refusal:
		out = append(out, problem{path: at(i, e.Field), value: e.Value, allowed: e.Allowed, refusal: e})
	default:
		add("pipeline", w.Feature(), err.Error())
	}
	return out
}

// named counts the wishes of a name.
func (p *Project) named(what string) int {
	n := 0
	for _, w := range p.Wishes {
		if w.What == what {
			n++
		}
	}
	return n
}

// before gives for each wish the one that it waits for, or -1.
func (p *Project) before() []int {
	out := make([]int, len(p.Wishes))
	for i, w := range p.Wishes {
		out[i] = -1
		for j, other := range p.Wishes {
			if w.After != "" && other.What == w.After {
				out[i] = j
			}
		}
	}
	return out
}

// circle finds a wish that waits for itself in the end, or gives -1.
func (p *Project) circle() int {
	before := p.before()
	for i := range before {
		steps := 0
		for j := before[i]; j >= 0; j = before[j] {
			if steps++; steps > len(before) {
				return i
			}
		}
	}
	return -1
}

// byError says what a date may be.
type byError struct{}

func (byError) Error() string {
	return "a date such as 2026-03-15, or an instant with offset in RFC 3339 such as 2026-03-15T18:00:00Z"
}

// deadline is the last instant of the day, or the instant itself; 0 for none.
func deadline(by string, zone calendar.Zone) (token.Instant, error) {
	if by == "" {
		return 0, nil
	}
	if strings.ContainsAny(by, "Tt ") {
		at, err := calendar.ParseInstant(by)
		if err != nil || at <= 0 {
			return 0, byError{}
		}
		return at, nil
	}
	noon, err := calendar.ParseInstant(by + "T12:00:00Z")
	if err != nil || noon <= 0 {
		return 0, byError{}
	}
	return zone.At(calendar.Zone{}.DateAt(noon)+1, 0) - 1, nil
}
