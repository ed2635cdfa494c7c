package planner_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/planner"
	"github.com/florin-studio/florin/token"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden compares whole answers in text with files that people have read.
func TestGolden(t *testing.T) {
	t.Parallel()
	start := moment(2026, time.March, 1, 9)
	for _, c := range []struct{ project, plan, overlay string }{
		{"spring", "apprentice", ""},
		{"spring", "free", ""},
		{"cutouts", "free", "off_peak: [{id: night, name: Night, from: \"22:00\", until: \"06:00\", percent: 40}]\npacks: [{id: small, enabled: true, price: {currency: USD, amount: 5.00}}]"},
		{"textures", "artisan", "packs: [{id: small, enabled: true, price: {currency: USD, amount: 5.00}}]"},
		{"textures", "apprentice", "packs: [{id: small, enabled: true, price: {currency: USD, amount: 5.00}}]"},
	} {
		t.Run(c.project+"-"+c.plan, func(t *testing.T) {
			t.Parallel()
			list := catalog.Default()
			if c.overlay != "" {
				list = overlaid(t, c.overlay)
			}
			file := filepath.Join("testdata", c.project+".yaml")
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p, err := planner.Read(file, text, list)
			if err != nil {
				t.Fatal(err)
			}
			got := answer(t, list, opened(t, list, c.plan, "Europe/Rome", start), p, start).Text()
			golden := filepath.Join("testdata", c.project+"-"+c.plan+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("the answer has changed (go test -update writes it anew):\n%s", got)
			}
		})
	}
}

// P9: 4 × 1 Alchemy is 32, 1 × 4 is 18: batching saves 14.
func TestP9BatchingSaves(t *testing.T) {
	t.Parallel()
	list := catalog.Default()
	start := moment(2026, time.March, 1, 9)
	p := planner.Project{Wishes: []planner.Wish{{What: "shots", Pipeline: "alchemy", Pictures: 4}}}
	ans := answer(t, list, opened(t, list, "apprentice", "UTC", start), p, start)
	if ans.Asked.Tokens != 32 || ans.Batched.Tokens != 18 || len(ans.Savings) != 1 || ans.Savings[0].Tokens != 14 {
		t.Errorf("asked %d, batched %d, saves %+v; want 32, 18, 14", ans.Asked.Tokens, ans.Batched.Tokens, ans.Savings)
	}
	if ans.Here.Fastest.Tokens != 18 || ans.Here.Fastest.Jobs != 1 {
		t.Errorf("the plan takes %d tokens in %d jobs, want 18 in 1", ans.Here.Fastest.Tokens, ans.Here.Fastest.Jobs)
	}
}

// Every number of pictures at every size is batched as well as any way to split it.
func TestBatchingIsExact(t *testing.T) {
	t.Parallel()
	list := catalog.Default()
	start := moment(2026, time.March, 1, 9)
	a := opened(t, list, "maestro", "UTC", start)
	for _, w := range []planner.Wish{{Pipeline: "default"}, {Pipeline: "alchemy"}, {Pipeline: "alchemy", PromptMagic: "v3", References: 3},
		{Pipeline: "alchemy_v2", Width: 1024, Height: 1024}, {Pipeline: "alchemy_v2_lightning", Steps: 60}, {Operation: "unzoom"}} {
		least := []int64{0}
		for n := 1; n <= 30; n++ {
			least = append(least, 1<<40)
			for size := 1; size <= n; size++ {
				if price, err := list.Price(w.Request(size), 0); err == nil {
					least[n] = min(least[n], price.Tokens+least[n-size])
				}
			}
			w.Pictures = n
			ans := answer(t, list, a, planner.Project{Wishes: []planner.Wish{w}}, start)
			if ans.Batched.Tokens != least[n] || ans.Here.Fastest.Tokens != least[n] {
				t.Errorf("%d × %s: batched %d, planned %d, want %d", n, w.Feature(), ans.Batched.Tokens, ans.Here.Fastest.Tokens, least[n])
			}
		}
	}
}

// Waiting for lower prices is never worth missing the date.
func TestLowerPricesOnlyWithinTheDate(t *testing.T) {
	t.Parallel()
	list := overlaid(t, `off_peak: [{id: night, name: Night, from: "22:00", until: "06:00", percent: 50}]`)
	start := moment(2026, time.March, 1, 9)
	a := opened(t, list, "free", "UTC", start)
	p := planner.Project{Wishes: []planner.Wish{{What: "wide", Operation: "unzoom", Pictures: 30}}}
	for _, c := range []struct {
		by       string
		tokens   int64
		finish   token.Instant
		feasible bool
	}{
		{"", 90, moment(2026, time.March, 1, 22), true},
		{"2026-03-01", 90, moment(2026, time.March, 1, 22), true},
		{"2026-03-01T21:00:00Z", 150, start, true},
		{"2026-03-01T08:00:00Z", 150, start, false},
	} {
		p.By = c.by
		o := answer(t, list, a, p, start).Here
		s := o.Fastest
		if o.Cheapest != nil {
			s = o.Cheapest
		}
		if s.Tokens != c.tokens || s.Finish != c.finish || o.Feasible != c.feasible {
			t.Errorf("by %q: %d tokens, %s, feasible %v; want %d, %s, %v", c.by, s.Tokens, s.Finish, o.Feasible, c.tokens, c.finish, c.feasible)
		}
	}
}

// What is missing on a date is exactly what would have made it.
func TestMissingTokens(t *testing.T) {
	t.Parallel()
	list := catalog.Default()
	start := moment(2026, time.March, 1, 9)
	a := opened(t, list, "free", "UTC", start)
	p := planner.Project{By: "2026-03-02", Wishes: []planner.Wish{{What: "cut-outs", Operation: "remove_background", Pictures: 200}}}
	o := answer(t, list, a, p, start).Here
	if o.Feasible || o.Missing != 100 || o.Fastest.FinishDate != "2026-03-03" {
		t.Fatalf("feasible %v, missing %d, finished %s; want 100 missing, 2026-03-03", o.Feasible, o.Missing, o.Fastest.FinishDate)
	}
	for extra, feasible := range map[int64]bool{99: false, 100: true} {
		b, _, err := list.Rules().Apply(a, token.Request{Key: "extra", At: start, Command: token.MakeGrant{Kind: token.Bonus, Tokens: extra}})
		if err != nil {
			t.Fatal(err)
		}
		if got := answer(t, list, b, p, start).Here.Feasible; got != feasible {
			t.Errorf("with %d more: feasible is %v", extra, got)
		}
	}
}

// Time that pictures take: one after another, and each begins before the day's tokens go.
func TestSecondsPerPicture(t *testing.T) {
	t.Parallel()
	list := catalog.Default()
	start := moment(2026, time.March, 1, 23)
	p := planner.Project{SecondsPerPicture: 1200, Wishes: []planner.Wish{{What: "cut-outs", Operation: "remove_background", Pictures: 5}}}
	s := answer(t, list, opened(t, list, "free", "UTC", start), p, start).Here.Fastest
	if want := start + 5*1200*1000; s.Finish != want || len(s.Days) != 2 || s.Expires != 150-6 {
		t.Errorf("finished %s on %d days with %d expired; want %s on 2 days with 144", s.Finish, len(s.Days), s.Expires, want)
	}
}

func TestRelaxedLane(t *testing.T) {
	t.Parallel()
	list := catalog.Default()
	start := moment(2026, time.March, 1, 9)
	a := opened(t, list, "artisan", "UTC", start)
	p := planner.Project{Wishes: []planner.Wish{{What: "textures", Operation: "texture", Pictures: 900}}}
	o := answer(t, list, a, p, start).Here
	if s := o.Fastest; s.Finish != start || s.Relaxed != 67 || s.Tokens != 24990 || s.RelaxedTokens != 67*30 {
		t.Errorf("finished %s, %d relaxed, %d tokens; want at once, 67, 24990", s.Finish, s.Relaxed, s.Tokens)
	}
	if o.FastLane == nil || o.FastLane.Relaxed != 0 || o.FastLane.Tokens != 27000 {
		t.Errorf("without the lane: %+v", o.FastLane)
	}
	p.FastOnly = true
	if s := answer(t, list, a, p, start).Here.Fastest; s.Relaxed != 0 || s.Finish == start {
		t.Errorf("fast_only uses the lane: %d relaxed, finished %s", s.Relaxed, s.Finish)
	}
}

func TestPremiumNeedsAPlan(t *testing.T) {
	t.Parallel()
	list := catalog.Default()
	start := moment(2026, time.March, 1, 9)
	p := planner.Project{Wishes: []planner.Wish{{What: "shots", Pipeline: "alchemy_v2", Pictures: 4}}}
	ans := answer(t, list, opened(t, list, "free", "UTC", start), p, start)
	if r := ans.Here.Refused; r == nil || r.Reason != token.PlanRequired || len(r.Plans) != 1 || r.Plans[0] != "apprentice" {
		t.Errorf("refused with %v", r)
	}
	if ad := ans.Advice; ad.Kind != "plan" || ad.Plan != "apprentice" || ad.Money != 1200 || ad.Currency != "USD" {
		t.Errorf("advice is %+v", ad)
	}
	if !strings.Contains(ans.Advice.Reason, "plan_required") {
		t.Errorf("the reason does not tell: %s", ans.Advice.Reason)
	}
}

func TestRefusesWhatCanNotBePlanned(t *testing.T) {
	t.Parallel()
	list := catalog.Default()
	if _, err := planner.Plan(list, token.Account{}, planner.Project{}, 1, planner.Options{}); err != token.ErrNotOpen {
		t.Errorf("an account that is not open: %v", err)
	}
	a := opened(t, list, "free", "UTC", 1)
	if _, err := planner.Plan(list, a, planner.Project{}, 1, planner.Options{}); err == nil || !strings.Contains(err.Error(), "wishes") {
		t.Errorf("a project without wishes: %v", err)
	}
}
