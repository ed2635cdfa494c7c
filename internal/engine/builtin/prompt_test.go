package builtin

import (
	"slices"
	"strings"
	"testing"
)

// known composes a prompt and gives the words that the painter ignores.
func known(t *testing.T, prompt string) (ignored []string, family string) {
	t.Helper()
	o := order{recipe: recipe{Prompt: prompt, Seed: 1, Width: 64, Height: 64, Zoom: 1}}
	w, _, err := stage(&job{ctx: t.Context(), report: func(int) {}}, &o)
	if err != nil {
		t.Fatal(err)
	}
	w.elements(nil)
	_, ignored = w.sortWords()
	return ignored, w.family
}

func TestEverySpiceIsDrawn(t *testing.T) {
	t.Parallel()
	for id, list := range motifs {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			// One phrase of each kind at a time, until each was there once.
			for i := range 8 {
				prompt, more := list[i%len(list)], false
				for _, s := range spices[id] {
					if now := newWish(prompt, "", 0); i < len(s.phrases) && !now.touches(s.kind) {
						prompt, more = joined(prompt, s.phrases[i], "", id), true
					}
				}
				if !more {
					break
				}
				if ignored, family := known(t, prompt); len(ignored) > 0 || family != id {
					t.Errorf("%q is drawn as %s and leaves out %q, want %s and nothing", prompt, family, ignored, id)
				}
			}
		})
	}
	for _, look := range looks {
		if ignored, _ := known(t, "the sea, "+look); len(ignored) > 0 {
			t.Errorf("%q leaves out %q", look, ignored)
		}
	}
}

func TestMagicEnriches(t *testing.T) {
	t.Parallel()
	for _, s := range samples {
		short := magic(s.prompt, "", "v2", 7)
		long := magic(s.prompt, "", "v3", 7)
		if !strings.HasPrefix(short, s.prompt) || !strings.HasPrefix(long, s.prompt) {
			t.Errorf("%q became %q and %q, want the prompt first", s.prompt, short, long)
		}
		if a, b := strings.Count(short, ","), strings.Count(long, ","); a < 1 || b < a || b == a && s.family != "pattern" {
			t.Errorf("%q became %q and %q: want v3 richer than v2", s.prompt, short, long)
		}
		for _, prompt := range []string{short, long} {
			if got := chooseFamily(newWish(prompt, "", 3)); got != s.family {
				t.Errorf("%q is drawn as %s, want %s", prompt, got, s.family)
			}
		}
		if again := magic(s.prompt, "", "v3", 7); again != long {
			t.Errorf("the same seed gave %q, then %q", long, again)
		}
	}
	seen := map[string]bool{}
	for seed := range int64(8) {
		seen[magic("mountains", "", "v3", seed)] = true
	}
	if len(seen) < 6 {
		t.Errorf("8 seeds gave %d prompts", len(seen))
	}
}

func TestMagicRespectsWhatWasSaid(t *testing.T) {
	t.Parallel()
	for seed := range int64(30) {
		got := magic("mountains at night", "fog, lake", "v3", seed)
		for _, phrase := range []string{"sunset", "sunrise", "golden", "daylight", "afternoon", "twilight", "mist", "haz", "lake"} {
			if strings.Contains(got, phrase) {
				t.Fatalf("%q says %s although the prompt says night and the negative prompt fog and lake", got, phrase)
			}
		}
	}
	if got := magic("", "", "v2", 1); got == "" {
		t.Error("an empty prompt stayed empty")
	}
	long := strings.Repeat("very ", 299) + "sea"
	if got := magic(long, "", "v3", 1); len(got) > 1500 {
		t.Errorf("the rewritten prompt has %d characters", len(got))
	}
}

func TestImprove(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		prompt, instructions string
		has, hasNot          []string
	}{
		{"mountains at sunset", "", []string{"mountains at sunset"}, nil},
		{"mountains at sunset", "make it night", []string{"mountains", "night"}, []string{"sunset"}},
		{"a foggy city by the river", "remove the fog and add neon", []string{"city", "river", "neon", "no fog"}, []string{"foggy"}},
		{"the sea, wide angle", "as a watercolour, aerial", []string{"sea", "watercolour", "aerial"}, []string{"wide angle"}},
		{"a quokka on the beach", "", []string{"a quokka on the beach"}, nil},
	} {
		for seed := range int64(5) {
			got, err := improve(c.prompt, c.instructions, seed)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range c.has {
				if !strings.Contains(got, s) {
					t.Errorf("%q with %q became %q, want %q in it", c.prompt, c.instructions, got, s)
				}
			}
			for _, s := range c.hasNot {
				if strings.Contains(got, s) {
					t.Errorf("%q with %q became %q, want no %q", c.prompt, c.instructions, got, s)
				}
			}
			if again, _ := improve(c.prompt, c.instructions, seed); again != got {
				t.Errorf("the same seed gave %q, then %q", got, again)
			}
		}
	}
	if _, err := improve("  ", "night", 1); err == nil || !strings.Contains(err.Error(), "prompt is empty") {
		t.Errorf("an empty prompt gave %v", err)
	}
}

func TestRandomPromptsAreDrawn(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	chosen := map[string]bool{}
	for seed := range int64(24) {
		prompt := randomPrompt(seed)
		if prompt != New().Random(seed) || prompt == "" {
			t.Fatalf("seed %d: %q, then %q", seed, prompt, New().Random(seed))
		}
		ignored, family := known(t, prompt)
		if len(ignored) > 0 {
			t.Errorf("%q leaves out %q", prompt, ignored)
		}
		seen[prompt], chosen[family] = true, true
	}
	if len(seen) < 23 || len(chosen) < 8 {
		t.Errorf("24 seeds gave %d prompts of %d families", len(seen), len(chosen))
	}
}

func TestStyleWordsBecomeElements(t *testing.T) {
	t.Parallel()
	styled := mustPaint(t, small("mountains as an oil painting", 4))
	if !slices.Equal(styled.UsedWords, []string{"mountains", "oil painting"}) {
		t.Errorf("used %q", styled.UsedWords)
	}
	w := newWish("oil painting, pixel art, anime, linocut, stained glass", "", 1)
	if got := w.elements(nil); len(got) != 4 || got[0].ID != "oil" || got[3].ID != "linocut" {
		t.Errorf("elements %v, want the first four", got)
	}
	if _, ignored := w.sortWords(); !slices.Contains(ignored, "stained glass") {
		t.Errorf("ignored %q, want the fifth style among them", ignored)
	}
}
