package planner_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/planner"
)

const right = `name: spring shop
by: 2026-03-15
wishes:
  - {what: shots, pipeline: alchemy_v2, pictures: 40, references: 2}
  - {what: ups, operation: upscale, pictures: 10, after: shots}
`

func TestReadTellsEveryFault(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, old, new, want string }{
		{"unknown key", "references: 2", "refs: 2", "p.yaml:4:55: wishes[0].refs: is not a key here; allowed: keys what, pictures"},
		{"unknown key at the top", "name:", "title:", "p.yaml:1:1: title: is not a key here; allowed: keys name, by"},
		{"key twice", "pictures: 40", "pictures: 40, pictures: 41", "p.yaml:4:55: "},
		{"pipeline", "alchemy_v2", "alchmy", `p.yaml:4:29: wishes[0].pipeline: "alchmy" is not valid; allowed: default, canvas, alchemy`},
		{"operation", "operation: upscale", "operation: up", `p.yaml:5:28: wishes[1].operation: "up" is not valid; allowed: remove_background, unzoom`},
		{"both", "operation: upscale", "operation: upscale, pipeline: default", `wishes[1].operation: "upscale" is not valid; allowed: either a pipeline or an operation`},
		{"neither", "operation: upscale, ", "", `wishes[1].pipeline: is not valid; allowed: the id of a pipeline, or operation`},
		{"no pictures", "pictures: 10", "pictures: 0", `p.yaml:5:47: wishes[1].pictures: "0" is not valid; allowed: 1 to 20000`},
		{"pictures missing", ", pictures: 10", "", `wishes[1]: "ups" has no pictures; allowed: pictures: 1 to 20000`},
		{"too many pictures", "pictures: 10", "pictures: 20001", `"20001" is not valid; allowed: 1 to 20000`},
		{"too many pictures in all", "pictures: 10", "pictures: 19990", `wishes: "20030 pictures" is not valid; allowed: at most 20000 pictures in all`},
		{"pictures as text", "pictures: 10", "pictures: ten", `wishes[1].pictures: "ten" is not valid; allowed: a whole number from 0, in digits`},
		{"pictures as fraction", "pictures: 10", "pictures: 1.5", `"1.5" is not valid; allowed: a whole number`},
		{"pictures in octal", "pictures: 10", "pictures: 0x10", `"0x10" is not valid; allowed: a whole number`},
		{"negative", "references: 2", "references: -2", `"-2" is not valid; allowed: a whole number`},
		{"references", "references: 2", "references: 9", `wishes[0].references: "9" is not valid; allowed: 0 to 4`},
		{"references with operation", "after: shots", "references: 2", `wishes[1].references: "2" is refused (not_applicable); allowed: nothing with Upscaler`},
		{"elements", "references: 2", "elements: 5", `wishes[0].elements: "5" is not valid; allowed: 0 to 4`},
		{"width", "references: 2", "width: 33", `wishes[0].width: "33" is not valid; allowed: a multiple of 8 from 32 to 1536`},
		{"height", "references: 2", "height: 4000", `wishes[0].height: "4000" is not valid; allowed: a multiple of 8`},
		{"steps", "references: 2", "steps: 61", `wishes[0].steps: "61" is not valid; allowed: 1 to 60`},
		{"model", "references: 2", "model: none", `wishes[0].model: "none" is not valid; allowed: painter`},
		{"prompt magic", "references: 2", "prompt_magic: v9", `wishes[0].prompt_magic: "v9" is not valid; allowed: v2, v3, or nothing`},
		{"prompt magic not here", "references: 2", "prompt_magic: v3", `wishes[0].prompt_magic: "v3" is refused (not_applicable); allowed: with the pipelines alchemy`},
		{"private", "references: 2", "private: maybe", `wishes[0].private: "maybe" is not valid; allowed: true or false`},
		{"after nobody", "after: shots", "after: shirts", `wishes[1].after: "shirts" is not valid; allowed: the name (what) of another wish`},
		{"after two", "what: ups", "what: shots", `wishes[1].after: "shots" is not valid; allowed: a name that only one wish has`},
		{"after in a circle", "references: 2", "after: ups", `after: "ups" is not valid; allowed: wishes that do not wait for each other in a circle`},
		{"after itself", "after: shots", "after: ups", `wishes[1].after: "ups" is not valid; allowed: wishes that do not wait`},
		{"by", "2026-03-15", "soon", `p.yaml:2:5: by: "soon" is not valid; allowed: a date such as 2026-03-15`},
		{"by a day that is not", "2026-03-15", "2026-02-30", `by: "2026-02-30" is not valid`},
		{"by without offset", "2026-03-15", "2026-03-15T10:00:00", `by: "2026-03-15T10:00:00" is not valid`},
		{"seconds", "by:", "seconds_per_picture: 90000\nby:", `seconds_per_picture: "90000" is not valid; allowed: 0 to 86400`},
		{"fast only", "by:", "fast_only: 1\nby:", `fast_only: "1" is not valid; allowed: true or false`},
		{"name", "spring shop", "[a]", `name: is not valid; allowed: a text`},
		{"wishes", "wishes:", "wishes: 3\nx:", `wishes: "3" is not a list; allowed: a list of wishes`},
		{"wish", "- {what: ups, operation: upscale, pictures: 10, after: shots}", "- ups", `wishes[1]: "ups" is not a mapping; allowed: keys what`},
		{"anchors", "name: spring shop", "name: &a spring", `name: "&" is not valid; allowed: a text`},
	} {
		text := strings.Replace(right, c.old, c.new, 1)
		if text == right {
			t.Errorf("%s: the text is not changed", c.name)
		}
		_, err := planner.Read("p.yaml", []byte(text), catalog.Default())
		var faults catalog.Faults
		switch {
		case err == nil:
			t.Errorf("%s: is accepted", c.name)
		case !errors.As(err, &faults):
			t.Errorf("%s: %v is not of type Faults", c.name, err)
		case !strings.Contains(err.Error(), c.want):
			t.Errorf("%s:\n%v\nwant %s", c.name, err, c.want)
		}
	}
}

func TestReadRefusesWhatIsNoProject(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"", "the file has no document"}, {"a: b: c", "neither YAML nor JSON"}, {"[", ""}, {"--- {}\n--- {}", "or several"}, {"3", "is not a mapping"},
		{"{}", "the project has no wishes"}, {"wishes: []", "1 to 50 wishes"}, {"wishes: [" + strings.Repeat("{pictures: 1, operation: upscale},", 51) + "]", "1 to 50 wishes"},
		{strings.Repeat("[", 100), "nests too deeply"}, {strings.Repeat("#", 2<<20), "bytes"},
	} {
		if _, err := planner.Read("p", []byte(c.text), catalog.Default()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.30q: %v, want %s", c.text, err, c.want)
		}
	}
}

func TestReadTellsSeveralAtOnce(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer("2026-03-15", "soon", "alchemy_v2", "alchmy", "pictures: 10", "pictures: 0").Replace(right)
	_, err := planner.Read("p", []byte(text), catalog.Default())
	var faults catalog.Faults
	if !errors.As(err, &faults) || len(faults) != 3 || faults[0].Line != 2 || faults[1].Line != 4 || faults[2].Line != 5 {
		t.Errorf("want one fault in each of the lines 2, 4, 5:\n%v", err)
	}
}

// A project as JSON, whether in a file or decoded by a server, is the same project.
func TestReadTakesJSON(t *testing.T) {
	t.Parallel()
	want, err := planner.Read("p", []byte(right), catalog.Default())
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(want, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got, err := planner.Read("p", text, catalog.Default())
	if err != nil {
		t.Fatal(err)
	}
	again, _ := json.MarshalIndent(got, "", "  ")
	if string(again) != string(text) {
		t.Errorf("read\n%s\nwant\n%s", again, text)
	}
}

// FuzzRead: the reader never panics, tells faults with places, and what it accepts is
// accepted by the check and survives being written and read again.
func FuzzRead(f *testing.F) {
	f.Add([]byte(right))
	for _, file := range []string{"spring", "cutouts", "textures"} {
		text, err := os.ReadFile("testdata/" + file + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("wishes: [{pictures: 1, operation: upscale, what: |\n  a\n}]"))
	f.Add([]byte("wishes:\n- pictures: 1\n  operation: upscale\n  <<: *a"))
	list := catalog.Default()
	a := opened(f, list, "apprentice", "UTC", moment(2026, time.March, 1, 9))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := planner.Read("p", text, list)
		if err != nil {
			var faults catalog.Faults
			if !errors.As(err, &faults) || len(faults) == 0 || faults[0].Line < 1 || faults[0].Column < 0 || faults[0].Problem == "" {
				t.Fatalf("not a fault with a place: %#v", err)
			}
			return
		}
		if err := p.Check(list); err != nil {
			t.Fatalf("read and not right: %v", err)
		}
		written, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		again, err := planner.Read("p", written, list)
		if err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		rewritten, _ := json.Marshal(again)
		if string(written) != string(rewritten) {
			t.Fatalf("%s became %s", written, rewritten)
		}
		if p.Pictures() <= 200 {
			if _, err := planner.Plan(list, a, p, a.At, planner.Options{Effort: 2000}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
