package planner

import (
	"fmt"
	"slices"
	"sort"

	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// Schedule is what is done when. Amounts are in tokens.
type Schedule struct {
	// Tokens is what the project takes in all; Pictures how many it makes, of which the
	// relaxed lane makes Relaxed (T20).
	Tokens   int64 `json:"tokens"`
	Pictures int   `json:"pictures"`
	Jobs     int   `json:"jobs"`
	Relaxed  int   `json:"relaxed"`
	// RelaxedTokens is what those would have cost; nothing is taken for them (T21).
	RelaxedTokens int64         `json:"relaxed_tokens"`
	Finish        token.Instant `json:"finish"`
	// FinishDate is the civil date of it in the account's zone.
	FinishDate string `json:"finish_date"`
	// Expires is what expires unused until then.
	Expires int64 `json:"expires"`
	// Balance is what is left then.
	Balance int64 `json:"balance"`
	// Earliest and Least tell what is proven. Of Fastest: that no plan finishes sooner, and
	// that none that finishes then takes fewer tokens. Of Cheapest: that no plan takes fewer
	// tokens, and that none of as few finishes sooner.
	Earliest bool `json:"earliest_proven"`
	Least    bool `json:"least_proven"`
	// Days are the dates on which something is done or something comes or goes.
	Days []Day `json:"days"`
	// cycles are the billing cycles that begin on the way, after the first moment.
	cycles []string
}

// Day is one stretch of a plan: from one moment at which something happens to the next.
type Day struct {
	Date string `json:"date"`
	// Time is the local time of At, hours and minutes.
	Time string        `json:"time"`
	At   token.Instant `json:"at"`
	// Changes are what comes and goes by itself at At.
	Changes []Change `json:"changes,omitempty"`
	// Before is the balance at At after them, After the balance after the work.
	Before int64  `json:"before"`
	Work   []Work `json:"work,omitempty"`
	After  int64  `json:"after"`
}

// Change is something that happens by itself.
type Change struct {
	// What is expired, came, began, moved, returned, plan, renewal or reset.
	What   string     `json:"what"`
	Kind   token.Kind `json:"kind,omitempty"`
	Tokens int64      `json:"tokens,omitempty"`
	// Plan is the one that begins.
	Plan string `json:"plan,omitempty"`
}

// Work is a number of equal jobs, submitted one after another.
type Work struct {
	// Wish counts the project's wishes from 0.
	Wish int    `json:"wish"`
	What string `json:"what"`
	// Jobs of Images pictures each cost Price tokens each.
	Jobs   int   `json:"jobs"`
	Images int   `json:"images"`
	Price  int64 `json:"price"`
	// Tokens is what they take from the balance: nothing in the relaxed lane.
	Tokens int64         `json:"tokens"`
	Lane   token.Lane    `json:"lane"`
	At     token.Instant `json:"at"`
}

// replay carries a way out on a copy of the account, by the engine, and tells what happens.
type replay struct {
	s       *searcher
	p       *Project
	zone    calendar.Zone
	account token.Account
	busy    token.Instant
	out     *Schedule
}

// schedule tells a way. The error is a fault of this package: the engine did not do what
// the plan expected.
func (s *searcher) schedule(p *Project, w way, zone calendar.Zone) (*Schedule, error) {
	acts := make([][]act, w.last+1)
	for i, n := w.last, w.end; n.parent != nil; i, n = i-1, n.parent {
		acts[i] = n.acts
	}
	r := &replay{s: s, p: p, zone: zone, account: s.root, busy: s.root.At,
		out: &Schedule{Earliest: w.earliest, Least: w.least, Days: []Day{}}}
	for i := range acts {
		if err := r.moment(&s.moments[i], acts[i], i == len(acts)-1); err != nil {
			return nil, err
		}
	}
	// Where jobs take time, the last ones may run beyond further moments.
	for i := len(acts); ; i++ {
		m, ok := s.get(i)
		if !ok || m.at > w.end.busy {
			break
		}
		if err := r.moment(m, nil, false); err != nil {
			return nil, err
		}
	}
	r.out.Finish = w.end.busy
	r.out.FinishDate = zone.DateAt(w.end.busy).String()
	r.out.Balance = s.rules.Balance(&r.account)
	if r.out.Tokens != w.end.spent {
		return nil, fmt.Errorf("planner: the plan takes %d tokens, and the engine %d", w.end.spent, r.out.Tokens)
	}
	return r.out, nil
}

// moment passes to a moment and does what is to be done there.
func (r *replay) moment(m *moment, acts []act, last bool) error {
	day := Day{At: m.at, Date: r.zone.DateAt(m.at).String(), Time: localTime(r.zone, m.at)}
	r.account = r.s.rules.Forecast(r.account, m.at, func(e token.Event) bool {
		r.event(&day, e)
		return true
	})
	for i, plan := range r.out.cycles {
		if plan == "" {
			r.out.cycles[i] = r.account.Facts.Plan
		}
	}
	day.Before = r.s.rules.Balance(&r.account)
	for _, a := range acts {
		t := m.prices.of[a.wish]
		for _, part := range []struct {
			n    int
			lane token.Lane
		}{{a.paid, token.Fast}, {a.free, token.Relaxed}} {
			batches := t.split(part.n)
			for _, b := range batches {
				if err := r.work(&day, m, a.wish, b, part.lane); err != nil {
					return err
				}
			}
		}
	}
	day.After = r.s.rules.Balance(&r.account)
	if len(day.Work) > 0 || last || slices.ContainsFunc(day.Changes, func(c Change) bool { return c.What != "reset" }) {
		r.out.Days = append(r.out.Days, day)
	}
	return nil
}

// localTime is what the clock of a zone shows, to the minute: the last minute of the date
// that is not after the instant.
func localTime(zone calendar.Zone, at token.Instant) string {
	date := zone.DateAt(at)
	after := sort.Search(24*60, func(minute int) bool { return zone.At(date, calendar.Clock(minute*60)) > at })
	return calendar.Clock(max(after-1, 0) * 60).String()
}

// event notes what happened by itself.
func (r *replay) event(day *Day, e token.Event) {
	add := func(c Change) { day.Changes = append(day.Changes, c) }
	switch p := e.Posting; {
	case p != nil && p.To == token.Expired:
		r.out.Expires += p.Tokens
		add(Change{What: "expired", Kind: e.Kind, Tokens: p.Tokens})
	case p != nil && p.From == token.Issued:
		add(Change{What: "came", Kind: e.Kind, Tokens: p.Tokens})
	case p != nil && p.From == token.Held:
		add(Change{What: "returned", Kind: e.Kind, Tokens: p.Tokens})
	case p != nil && p.From == token.Moved:
		add(Change{What: "moved", Kind: e.Kind, Tokens: p.Tokens})
	case e.Started != nil:
		add(Change{What: "began", Kind: e.Kind, Tokens: e.Started.Remaining})
	case e.Plan != "":
		add(Change{What: "plan", Plan: e.Plan})
		if to, _ := r.s.rules.Plan(e.Plan); to.Every == token.Month {
			r.out.cycles = append(r.out.cycles, e.Plan)
		}
	case e.Renewal:
		add(Change{What: "renewal"})
		if n := len(day.Changes); n < 2 || !slices.ContainsFunc(day.Changes[:n-1], func(c Change) bool { return c.What == "plan" }) {
			r.out.cycles = append(r.out.cycles, "")
		}
	case e.Reset:
		add(Change{What: "reset"})
	}
}

// work submits equal jobs. One charge of their sum changes the account as so many charges would (T8).
func (r *replay) work(day *Day, m *moment, wish int, b batch, lane token.Lane) error {
	start := max(r.busy, m.at)
	sum := b.price * int64(b.jobs)
	charge := token.Charge{ID: "plan", Tokens: sum, FastOnly: lane == token.Fast}
	before := r.s.rules.Balance(&r.account)
	after, _, err := r.s.rules.Apply(r.account, token.Request{At: start, Command: charge})
	if err != nil {
		return fmt.Errorf("planner: %d jobs of %d tokens at %s: %w", b.jobs, b.price, start, err)
	}
	taken := before - r.s.rules.Balance(&after)
	if lane == token.Fast && taken != sum || lane == token.Relaxed && (taken != 0 || before >= b.price) {
		return fmt.Errorf("planner: %d jobs of %d tokens at %s took %d tokens in the %s lane", b.jobs, b.price, start, taken, lane)
	}
	r.account = after
	pictures := b.jobs * b.images
	day.Work = append(day.Work, Work{Wish: wish, What: r.p.Wishes[wish].name(r.s.shop.list), Jobs: b.jobs, Images: b.images,
		Price: b.price, Tokens: taken, Lane: lane, At: start})
	r.busy = start + r.s.millis*token.Instant(pictures)
	r.out.Tokens += taken
	r.out.Pictures += pictures
	r.out.Jobs += b.jobs
	if lane == token.Relaxed {
		r.out.Relaxed += pictures
		r.out.RelaxedTokens += sum
	}
	return nil
}
