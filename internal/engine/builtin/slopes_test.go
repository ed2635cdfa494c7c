package builtin

import (
	"slices"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/engine"
)

// TestSlopesVary: woods seen from outside do not all lie alike.
func TestSlopesVary(t *testing.T) {
	t.Parallel()
	scenes := map[string]bool{}
	for seed := range int64(12) {
		scene, _, _ := strings.Cut(mustPaint(t, tiny("spruce forest", seed)).Scene, ",")
		scenes[scene] = true
	}
	if len(scenes) < 4 {
		t.Errorf("twelve seeds gave %v, want all four ways to lie", scenes)
	}
}

// TestSlopesShowWhatIsAskedFor: a lake or peaks are there if wanted and not if refused.
func TestSlopesShowWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	for seed := range int64(6) {
		r := mustPaint(t, tiny("sunbeams in a spruce forest by a lake, mountains", seed))
		if !strings.Contains(r.Scene, "by a lake before peaks") || !slices.Contains(r.UsedWords, "lake") {
			t.Errorf("seed %d gave %q with the words %v", seed, r.Scene, r.UsedWords)
		}
		task := tiny("spruce forest", seed)
		task.NegativePrompt = "lake, mountains"
		if scene := mustPaint(t, task).Scene; strings.Contains(scene, "lake") || strings.Contains(scene, "peaks") {
			t.Errorf("seed %d gave %q, though both were refused", seed, scene)
		}
	}
}

// TestLakeMirrorsTheWood: below its shore the lake shows the trees above it upside down.
func TestLakeMirrorsTheWood(t *testing.T) {
	t.Parallel()
	w := newWish("spruce forest with rays by a lake by day", "", 3)
	f := newFrame(256, 256)
	p, err := composeForest(nil, w, f)
	if err != nil {
		t.Fatal(err)
	}
	c := p.scene.(*forest)
	var above, below []float64
	for i := range 400 {
		x := -c.shore * hash(i, 1, 1) * f.right // away from the near trees
		up := 0.04 + 0.3*hash(i, 2, 1)*f.top
		above, below = append(above, c.shade(x, c.level+up).luma()), append(below, c.shade(x, c.level-up).luma())
	}
	if alike := correlation(above, below); alike < 0.5 {
		t.Errorf("the lake is like what it mirrors by %.2f, want at least 0.5", alike)
	}
}

func tiny(prompt string, seed int64) engine.Task {
	task := small(prompt, seed)
	task.Width, task.Height = 48, 48
	return task
}
