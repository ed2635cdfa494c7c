package builtin

import (
	"bytes"
	"context"
	"errors"
	"image"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/enginetest"
)

// samples is one prompt for each family, and for low-poly.
var samples = []struct{ family, prompt string }{
	{"landscape", "mountains and a lake at sunset"},
	{"coast", "tropical beach with palm trees"},
	{"desert", "desert dunes"},
	{"space", "planet with rings in space"},
	{"city", "city skyline at night by the river"},
	{"forest", "autumn forest path"},
	{"flowers", "poppies and daisies in a meadow"},
	{"reef", "coral reef with fish"},
	{"still", "still life with vase and apples"},
	{"abstract", "abstract poured marble"},
	{"poster", "bauhaus poster"},
	{"pattern", "seamless pattern of flowers"},
}

func small(prompt string, seed int64) engine.Task {
	return engine.Task{Operation: engine.Generate, Prompt: prompt, Width: 96, Height: 96, Seed: seed}
}

func mustPaint(t testing.TB, task engine.Task) engine.Result {
	t.Helper()
	r, err := New().Run(t.Context(), task, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestConformance(t *testing.T) {
	t.Parallel()
	enginetest.Run(t, func() engine.Engine { return New() })
}

func TestPromptChoosesFamily(t *testing.T) {
	t.Parallel()
	for _, s := range samples {
		if got := chooseFamily(newWish(s.prompt, "", 1)); got != s.family {
			t.Errorf("%q chose %s, want %s", s.prompt, got, s.family)
		}
	}
}

func TestEveryFamilyPaintsEveryShape(t *testing.T) {
	t.Parallel()
	shapes := []image.Point{{96, 96}, {160, 32}, {32, 160}}
	for _, s := range append(samples, struct{ family, prompt string }{"lowpoly", "low poly mountains"}) {
		t.Run(s.family, func(t *testing.T) {
			t.Parallel()
			for i, p := range shapes {
				task := small(s.prompt, int64(i))
				task.Width, task.Height = p.X, p.Y
				r := mustPaint(t, task)
				if spread := deviation(r.Image.(*image.RGBA)); spread < 4 {
					t.Errorf("%v: brightness deviates by %.1f only", p, spread)
				}
				if r.Scene == "" || len(r.UsedWords) == 0 {
					t.Errorf("scene %q, used words %q", r.Scene, r.UsedWords)
				}
			}
		})
	}
}

// deviation is the standard deviation of a picture's green, 0..127.
func deviation(img *image.RGBA) float64 {
	sum, squares, n := 0.0, 0.0, 0.0
	for i := 1; i < len(img.Pix); i += 4 {
		v := float64(img.Pix[i])
		sum, squares, n = sum+v, squares+v*v, n+1
	}
	return math.Sqrt(math.Max(0, squares/n-sum/n*sum/n))
}

func TestSeedAndNegativePromptVary(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for seed := range int64(3) {
		seen[string(mustPaint(t, small("mountains", seed)).Image.(*image.RGBA).Pix)] = true
	}
	task := small("mountains", 0)
	task.NegativePrompt = "snow, lake"
	r := mustPaint(t, task)
	seen[string(r.Image.(*image.RGBA).Pix)] = true
	if len(seen) != 4 {
		t.Errorf("4 tasks gave %d pictures", len(seen))
	}
	if strings.Contains(r.Scene, "lake") {
		t.Errorf("scene %q although the negative prompt says lake", r.Scene)
	}
}

func TestNegativePromptExcludesFamilies(t *testing.T) {
	t.Parallel()
	for seed := range int64(40) {
		w := newWish("something odd", "city, space, forest, flowers, mountains", seed)
		if got := chooseFamily(w); got != "coast" {
			t.Fatalf("seed %d chose %s, want coast", seed, got)
		}
	}
	if got := chooseFamily(newWish("city by the sea", "city", 1)); got != "coast" {
		t.Errorf("chose %s, want coast", got)
	}
	if got := chooseFamily(newWish("a city without people", "", 1)); got != "city" {
		t.Errorf("chose %s, want city", got)
	}
}

func TestWordsAreToldHonestly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		prompt        string
		used, ignored []string
	}{
		{"An astronaut above the mountains at sunset", []string{"mountains", "sunset"}, []string{"astronaut"}},
		{"Quokka juggling 7 theorems", nil, []string{"Quokka", "juggling", "7", "theorems"}},
		{"the of with a", nil, nil},
		{"", nil, nil},
		{"foggy city, foggy CITY", []string{"foggy", "city", "CITY"}, nil},
		{"bauhaus poster in winter", []string{"bauhaus", "poster"}, []string{"winter"}},
		{"snowy alps under northern lights", []string{"snowy", "alps", "northern lights"}, nil},
		{"black and white mountains", []string{"black and white", "mountains"}, nil},
		{"white mountains in the rain", []string{"mountains", "rain"}, []string{"white"}},
		{"roses", []string{"roses"}, nil},
	} {
		r := mustPaint(t, small(c.prompt, 3))
		if !slices.Equal(r.UsedWords, c.used) || !slices.Equal(r.IgnoredWords, c.ignored) {
			t.Errorf("%q: used %q ignored %q, want %q and %q", c.prompt, r.UsedWords, r.IgnoredWords, c.used, c.ignored)
		}
		if r.Scene == "" {
			t.Errorf("%q: no scene", c.prompt)
		}
	}
}

func TestPipelinesDiffer(t *testing.T) {
	t.Parallel()
	var pictures [][]byte
	for _, p := range []string{"default", "alchemy", "alchemy_v2", "alchemy_v2_lightning"} {
		task := small("misty pine forest at sunset", 5)
		task.Pipeline = p
		pix := mustPaint(t, task).Image.(*image.RGBA).Pix
		for i, other := range pictures {
			if d := difference(pix, other); d < 1.5 {
				t.Errorf("pipeline %s differs by %.2f of 255 from number %d", p, d, i)
			}
		}
		pictures = append(pictures, pix)
	}
	task := small("misty pine forest at sunset", 5)
	if d := mustPaint(t, task).Image.(*image.RGBA).Pix; !bytes.Equal(d, pictures[0]) {
		t.Error("no pipeline differs from \"default\"")
	}
}

// difference is the mean distance of two pictures' bytes.
func difference(a, b []byte) float64 {
	sum := 0.0
	for i := range a {
		sum += math.Abs(float64(a[i]) - float64(b[i]))
	}
	return sum / float64(len(a)) * 4 / 3 // the fourth byte is always 255
}

func TestPatternWraps(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"hexagon", "scallop", "truchet", "leaf", "flower", "terrazzo", "circle", "triangle"} {
		p, err := composePattern(nil, newWish("pattern of "+kind, "", 8), newFrame(96, 64))
		if err != nil {
			t.Fatal(err)
		}
		f, s := newFrame(96, 64), p.scene
		for i := range 200 {
			x, y := (hash(i, 1, 1)*2-1)*f.right, (hash(i, 2, 1)*2-1)*f.top
			c := s.shade(x, y)
			for _, o := range []vec{s.shade(x+2*f.right, y), s.shade(x, y-2*f.top)} {
				if c.sub(o).length() > 1e-6 {
					t.Fatalf("%s: light at %.3f,%.3f differs one tile on", kind, x, y)
				}
			}
		}
	}
}

func TestProgressIsSmooth(t *testing.T) {
	t.Parallel()
	for _, s := range samples {
		var seen []int
		if _, err := New().Run(t.Context(), small(s.prompt, 2), func(p int) { seen = append(seen, p) }); err != nil {
			t.Fatal(err)
		}
		if len(seen) < 20 || seen[0] != 0 || seen[len(seen)-1] != 100 {
			t.Errorf("%s: progress %v, want at least 20 steps from 0 to 100", s.family, seen)
		}
	}
}

// TestRowsStop proves that no row begins after the context has ended.
func TestRowsStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		j := &job{ctx: ctx, report: func(int) {}}
		done := make(chan int, 1000)
		err := j.rows(1000, 0, 100, func(y int) {
			if y == 10 {
				cancel()
			}
			done <- y
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want context.Canceled", err)
		}
		if n := len(done); n > 12 {
			t.Errorf("%d rows were done, want at most the running ones after row 10", n)
		}
	})
}

// TestCancelAtEveryStage ends the context at different percentages of a large picture and
// looks at how much time passes until Run returns.
func TestCancelAtEveryStage(t *testing.T) {
	guide := guidePicture(0.4)
	for _, at := range []int{1, 6, 40, 77, 80, 85, 90, 95} {
		ctx, cancel := context.WithCancel(t.Context())
		task := small("mountains and a lake", 1)
		task.Width, task.Height, task.Pipeline = 768, 768, "alchemy"
		if at > 40 { // the stages that come last, on a scene that is soon there
			task.Prompt, task.Pipeline = "planet", "default"
			task.Elements = []engine.Element{{ID: "pixel_art", Weight: 1}, {ID: "low_poly", Weight: 1}, {ID: "flat", Weight: 1}}
			task.References = []engine.Reference{{Image: guide, Kind: engine.ImageReference, Strength: 0.5}, {Image: guide, Kind: engine.PaletteReference, Strength: 0.5}}
		}
		var since time.Time
		_, err := New().Run(ctx, task, func(p int) {
			if p >= at && since.IsZero() {
				since = time.Now()
				cancel()
			}
		})
		took := time.Since(since)
		cancel()
		if engine.ClassOf(err) != engine.Cancelled {
			t.Fatalf("error %v, want class cancelled", err)
		}
		t.Logf("cancelled at %d%%: returned after %v", at, took)
		if took > time.Second { // the promise is 100 ms; a loaded machine gets more
			t.Errorf("cancelled at %d%%: returned after %v", at, took)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*engine.Task){
		"width":    func(k *engine.Task) { k.Width = 100 },
		"height":   func(k *engine.Task) { k.Height = 1544 },
		"pipeline": func(k *engine.Task) { k.Pipeline = "sorcery" },
	} {
		task := small("sea", 1)
		change(&task)
		_, err := New().Run(t.Context(), task, nil)
		if engine.ClassOf(err) != engine.Refused || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func FuzzWords(f *testing.F) {
	f.Add("a beach, no palms — golden hour", "city")
	f.Add("низкое солнце 夕日、山", "\xff\x00")
	f.Fuzz(func(t *testing.T, prompt, negative string) {
		w := newWish(prompt, negative, 1)
		chooseFamily(w)
		used, ignored := w.sortWords()
		for _, word := range used {
			if slices.Contains(ignored, word) {
				t.Errorf("%q is both used and ignored", word)
			}
		}
	})
}

func TestLexiconNamesOnlyKnownFamilies(t *testing.T) {
	t.Parallel()
	for tag := range groups {
		kind, id, _ := strings.Cut(tag, "/")
		if kind != "scene" && kind != "hint" && kind != "form" || id == "lowpoly" {
			continue
		}
		if !slices.ContainsFunc(families, func(f family) bool { return f.id == id }) {
			t.Errorf("%s names no family", tag)
		}
	}
}
