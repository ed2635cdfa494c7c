package studio

import (
	"context"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// Use is what one kind of job came to on one day.
type Use struct {
	// Day is the civil date in UTC on which the jobs ended.
	Day      string     `json:"day"`
	Feature  string     `json:"feature"`
	Model    string     `json:"model,omitempty"`
	Plan     string     `json:"plan"`
	Lane     token.Lane `json:"lane"`
	Outcome  Status     `json:"outcome"`
	Jobs     int64      `json:"jobs"`
	Pictures int64      `json:"pictures"`
	Tokens   int64      `json:"tokens"`
}

// dayLength is a civil day in UTC, in milliseconds.
const dayLength = 24 * 60 * 60 * 1000

const (
	ended = `SELECT finished / $1 AS day, feature, model, plan, lane, status, count(*), sum(made), sum(settled) FROM jobs
		WHERE finished >= $2 AND finished < $3 AND finished > 0`
	usesByDay = ` GROUP BY finished / $1, feature, model, plan, lane, status ORDER BY 1, 2, 3, 4, 5, 6`
)

// Usage sums up the jobs that ended in [from, until), by day, feature, model, plan, lane
// and outcome, for one account or, with "", for the whole installation.
func (s *Studio) Usage(ctx context.Context, account string, from, until calendar.Instant) (uses []Use, err error) {
	err = s.read(ctx, func(ctx context.Context, tx *store.Tx) error {
		uses = []Use{}
		args, whose := []any{int64(dayLength), int64(from), int64(until)}, ""
		if account != "" {
			args, whose = append(args, account), " AND account = $4"
		}
		rows, err := tx.Query(ctx, ended+whose+usesByDay, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var u Use
			var day int64
			var lane string
			if err := rows.Scan(&day, &u.Feature, &u.Model, &u.Plan, &lane, &u.Outcome, &u.Jobs, &u.Pictures, &u.Tokens); err != nil {
				return err
			}
			u.Day, u.Lane = calendar.Date(day).String(), token.Lane(lane)
			uses = append(uses, u)
		}
		return rows.Err()
	})
	return uses, err
}

// Pace is how fast an account spends and how long its tokens last at that.
type Pace struct {
	// Tokens were spent in the last Days days.
	Tokens int64 `json:"tokens"`
	Days   int64 `json:"days"`
	// LastsUntil is when the balance runs out if spending goes on at this pace, resets and
	// renewals on the way included; null if it does not within a year.
	LastsUntil *calendar.Instant `json:"lasts_until"`
}

// paceDays is how many days tell the pace; paceHorizon how far ahead the end is looked for.
const (
	paceDays    = 7
	paceHorizon = 366
)

// Pace works out how long an account's tokens last. It asks the token rules about each
// coming day: what is there at its end, the day's spending taken off.
func (s *Studio) Pace(ctx context.Context, account string) (Pace, error) {
	now := s.now()
	p := Pace{Days: paceDays}
	a, err := s.Ledger.Account(ctx, account, now)
	if err != nil {
		return p, err
	}
	uses, err := s.Usage(ctx, account, now-paceDays*dayLength, now+1)
	if err != nil {
		return p, err
	}
	for _, u := range uses {
		p.Tokens += u.Tokens
	}
	if p.Tokens == 0 {
		return p, nil
	}
	rules := s.Catalog().Rules()
	daily := (p.Tokens + paceDays - 1) / paceDays
	for day := range int64(paceHorizon) {
		at := now + calendar.Instant(day*dayLength)
		after, _, err := rules.Apply(a, token.Request{At: at, Command: token.Charge{ID: "pace", Tokens: daily, FastOnly: true}})
		if err != nil {
			p.LastsUntil = &at
			return p, nil
		}
		a = after
	}
	return p, nil
}
