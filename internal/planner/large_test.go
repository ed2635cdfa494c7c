package planner_test

import (
	"testing"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/planner"
	"github.com/florin-studio/florin/token"
	"pgregory.net/rapid"
)

// Large projects are carried out by the engine too, and are nearly always proven to be
// the best.
func TestLargeProjects(t *testing.T) {
	night := overlaid(t, `off_peak: [{id: night, name: Night, from: "22:00", until: "06:00", percent: 30}]`)
	earliest, least, all := 0, 0, 0
	var slowest time.Duration
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SampledFrom([]*catalog.Catalog{catalog.Default(), catalog.Default(), night}).Draw(t, "catalog")
		plan := rapid.SampledFrom([]string{"free", "apprentice", "artisan", "maestro"}).Draw(t, "plan")
		var p planner.Project
		kinds := []planner.Wish{{What: "a", Pipeline: "default"}, {What: "b", Pipeline: "default", PromptMagic: "v2", Width: 1024, Height: 1024},
			{What: "c", Operation: "unzoom"}, {What: "d", Operation: "remove_background"}, {What: "e", Pipeline: "canvas", Steps: 60}}
		if plan != "free" {
			kinds = append(kinds, planner.Wish{What: "f", Pipeline: "alchemy_v2", References: 2}, planner.Wish{What: "g", Operation: "texture"},
				planner.Wish{What: "h", Pipeline: "alchemy", PromptMagic: "v3"})
		}
		for i, w := range rapid.Permutation(kinds).Draw(t, "kinds")[:rapid.IntRange(1, 5).Draw(t, "wishes")] {
			w.Pictures = rapid.IntRange(1, 1000).Draw(t, "pictures")
			if i > 0 && rapid.IntRange(0, 3).Draw(t, "ordered") == 0 {
				w.After = p.Wishes[i-1].What
			}
			p.Wishes = append(p.Wishes, w)
		}
		start := moment(2026, time.March, rapid.IntRange(1, 31).Draw(t, "day"), 9)
		a := opened(t, list, plan, "Europe/Rome", start)
		began := time.Now()
		ans := answer(t, list, a, p, start)
		slowest = max(slowest, time.Since(began))
		s := ans.Here.Fastest
		if s == nil {
			t.Fatal("never finished")
		}
		all++
		if s.Earliest {
			earliest++
		}
		if s.Least || s.Relaxed > 0 {
			least++
		}
		execute(t, list, []token.Request{opening(plan, "Europe/Rome", start)}, p, s)
		if ans.Here.Cheapest != nil {
			execute(t, list, []token.Request{opening(plan, "Europe/Rome", start)}, p, ans.Here.Cheapest)
		}
	})
	t.Logf("of %d: %d proven to finish first, %d of these to take the fewest tokens; the slowest took %s", all, earliest, least, slowest)
	if 4*earliest < 3*all {
		t.Errorf("only %d of %d are proven to finish first", earliest, all)
	}
}
