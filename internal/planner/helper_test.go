package planner_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/planner"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
	"pgregory.net/rapid"
)

// fatal is what testing and rapid have in common.
type fatal interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// opened is a new account.
func opened(tb fatal, list *catalog.Catalog, plan, zone string, at token.Instant) token.Account {
	tb.Helper()
	a, _, err := list.Rules().Apply(token.Account{ID: "me"}, opening(plan, zone, at))
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

func opening(plan, zone string, at token.Instant) token.Request {
	return token.Request{Key: "open", At: at, Command: token.Open{Plan: plan, Zone: zone}}
}

// moment is an hour of a day in UTC.
func moment(year int, month time.Month, d, hour int) token.Instant {
	return calendar.At(time.Date(year, month, d, hour, 0, 0, 0, time.UTC))
}

// overlaid is the default catalog with changes.
func overlaid(tb fatal, overlay string) *catalog.Catalog {
	tb.Helper()
	o, err := catalog.ParseOverlay("overlay", []byte(overlay))
	if err != nil {
		tb.Fatal(err)
	}
	list, err := catalog.Default().With(o)
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

func answer(tb fatal, list *catalog.Catalog, a token.Account, p planner.Project, at token.Instant) *planner.Answer {
	tb.Helper()
	ans, err := planner.Plan(list, a, p, at, planner.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return ans
}

func every(ans *planner.Answer) []planner.Outcome {
	return append(append([]planner.Outcome{ans.Here}, ans.Plans...), ans.Packs...)
}

func schedules(o planner.Outcome) []*planner.Schedule {
	var out []*planner.Schedule
	for _, s := range []*planner.Schedule{o.Fastest, o.Cheapest, o.FastLane} {
		if s != nil {
			out = append(out, s)
		}
	}
	return out
}

// smallCatalog draws a catalog of small numbers: tokens run out soon, prices of jobs are
// bent, and there may be hours of lower prices.
func smallCatalog(t *rapid.T, floors bool) *catalog.Catalog {
	var b strings.Builder
	fmt.Fprintf(&b, "zone: %s\n", rapid.SampledFrom([]string{"UTC", "Europe/Rome"}).Draw(t, "catalog zone"))
	fmt.Fprintf(&b, "daily_reset: %q\n", rapid.SampledFrom([]string{"00:00", "06:30"}).Draw(t, "reset"))
	limits := "limits: {pending: 1, parallel: 1}"
	fmt.Fprintf(&b, "plans:\n  - {id: free, name: Free, allowance: {tokens: %d, every: day}, topups: %t, %s}\n",
		rapid.IntRange(3, 9).Draw(t, "daily"), rapid.Bool().Draw(t, "free topups"), limits)
	for i, id := range []string{"basic", "more"} {
		floor := 0
		if floors {
			floor = rapid.IntRange(0, 6).Draw(t, "floor")
		}
		rollover := ""
		if floors && rapid.Bool().Draw(t, "rolls over") {
			rollover = fmt.Sprintf("rollover: {cap: %d}, ", rapid.IntRange(1, 9).Draw(t, "cap"))
		}
		fmt.Fprintf(&b, "  - {id: %s, name: %s, price: {currency: USD, month: %d}, allowance: {tokens: %d, every: month}, daily_floor: %d, %srelaxed: %t, premium: true, %s}\n",
			id, id, 5*(i+1), rapid.IntRange(4, 12).Draw(t, "monthly"), floor, rollover, i == 1 && rapid.Bool().Draw(t, "relaxed"), limits)
	}
	one := rapid.IntRange(1, 5).Draw(t, "one")
	four := one + rapid.IntRange(0, 2*one).Draw(t, "more for four")
	fmt.Fprintf(&b, "pipelines:\n  - {id: default, name: Default, tokens: {1: %d, 4: %d}, max_images: 4}\n", one, four)
	fmt.Fprintf(&b, "  - {id: canvas, name: Canvas, tokens: {1: %d}, max_images: 2, premium: %t, relaxed: %t}\n",
		rapid.IntRange(1, 3).Draw(t, "canvas"), rapid.IntRange(0, 3).Draw(t, "premium canvas") == 0, rapid.Bool().Draw(t, "relaxed canvas"))
	fmt.Fprintf(&b, "operations:\n  - {id: upscale, name: Upscale, tokens: %d}\n", rapid.IntRange(1, 4).Draw(t, "upscale"))
	if rapid.Bool().Draw(t, "cheap hours") {
		fmt.Fprintf(&b, "off_peak:\n  - {id: night, name: Night, from: \"%02d:00\", until: \"%02d:00\", percent: %d}\n",
			rapid.IntRange(0, 23).Draw(t, "from"), rapid.IntRange(0, 23).Draw(t, "until"), rapid.SampledFrom([]int{20, 50, 75}).Draw(t, "percent"))
	}
	fmt.Fprintf(&b, "packs:\n  - {id: small, name: Small, tokens: %d, price: {currency: USD, amount: 3}, enabled: %t}\n",
		rapid.IntRange(2, 9).Draw(t, "pack"), rapid.Bool().Draw(t, "with pack"))
	list, err := catalog.Load("drawn", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// smallProject draws a project of few pictures.
func smallProject(t *rapid.T, most int) planner.Project {
	var p planner.Project
	kinds := rapid.Permutation([]planner.Wish{{What: "a", Pipeline: "default"}, {What: "b", Pipeline: "canvas"}, {What: "c", Operation: "upscale"}}).Draw(t, "kinds")
	for i, w := range kinds[:rapid.IntRange(1, 3).Draw(t, "wishes")] {
		w.Pictures = rapid.IntRange(1, most).Draw(t, "pictures")
		if i > 0 && rapid.IntRange(0, 2).Draw(t, "ordered") == 0 {
			w.After = kinds[i-1].What
		}
		p.Wishes = append(p.Wishes, w)
	}
	return p
}

// smallAccount draws an account that may have bonuses, top-ups and a plan change ahead.
func smallAccount(t *rapid.T, list *catalog.Catalog, at token.Instant) (token.Account, []token.Request) {
	plan := rapid.SampledFrom([]string{"free", "free", "basic", "more"}).Draw(t, "plan")
	zone := rapid.SampledFrom([]string{"UTC", "Europe/Rome", "America/New_York", "Pacific/Apia"}).Draw(t, "zone")
	a := opened(t, list, plan, zone, at)
	story := []token.Request{opening(plan, zone, at)}
	do := func(c token.Command, key string) {
		req := token.Request{Key: key, At: at, Command: c}
		if after, _, err := list.Rules().Apply(a, req); err == nil { // else the account stays as it is
			a, story = after, append(story, req)
		}
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "grants") {
		g := token.MakeGrant{Kind: rapid.SampledFrom([]token.Kind{token.Bonus, token.Topup}).Draw(t, "kind"), Tokens: rapid.Int64Range(1, 6).Draw(t, "grant")}
		if rapid.Bool().Draw(t, "starts later") {
			g.Starts = at + token.Instant(rapid.Int64Range(1, 60).Draw(t, "starts")*3_600_000)
		}
		if rapid.Bool().Draw(t, "expires") {
			g.Expires = max(at, g.Starts) + token.Instant(rapid.Int64Range(1, 60).Draw(t, "ends")*3_600_000)
		}
		do(g, fmt.Sprint("grant", i))
	}
	if n := rapid.Int64Range(0, 8).Draw(t, "spent before"); n > 0 {
		do(token.Charge{ID: "before", Tokens: n, FastOnly: true}, "before")
	}
	if rapid.IntRange(0, 4).Draw(t, "held") == 0 {
		do(token.TakeHold{ID: "held", Tokens: 2, ExpiresIn: 20 * 3_600_000, FastOnly: true}, "held")
	}
	if rapid.IntRange(0, 4).Draw(t, "cancels") == 0 {
		do(token.CancelPlan{}, "cancel")
	}
	return a, story
}

// told is a book in which a story has happened.
func told(t fatal, r *token.Rules, story []token.Request) *token.Book {
	t.Helper()
	book := &token.Book{}
	for _, req := range story {
		if _, err := book.Submit(r, "me", req); err != nil {
			t.Fatal(err)
		}
	}
	return book
}
