package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// Nothing runs at midnight (T3): what time alone does to an account stands in no journal
// before somebody looks. For accounts that somebody listens for, this is that look. Once
// an hour one of the processes goes through them, page by page.
const (
	// lookEvery is how often every account that is listened for is looked at.
	lookEvery = time.Hour
	// lookBeat is how often a round is begun that is due.
	lookBeat = time.Minute
	// lookPage is how many accounts are read at a time, and lookPause the rest after them.
	lookPage  = 500
	lookPause = 50 * time.Millisecond
)

// settingLook is when the next round is due, in milliseconds since 1970.
const settingLook = "webhooks_look"

// Look goes through the accounts that are listened for, if an hour has passed since any
// process did. What an account's time has brought about and the journal does not know
// yet (a scheduled change of plan, a balance that fell by an expiry) is let into the
// journal, which tells of it; expiries to come are told here, each once.
func (s *Service) Look(ctx context.Context, accounts Accounts, rules *token.Rules) error {
	l := s.listeners.Load()
	if l == nil || !l.looks() {
		return nil
	}
	mine, err := s.claimLook(ctx)
	if err != nil || !mine {
		return err
	}
	if len(l.looking(l.everywhere)) > 0 {
		return s.lookEverywhere(ctx, l, accounts, rules)
	}
	var ids []string
	for id, list := range l.accounts {
		if len(l.looking(list)) > 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for page := range slices.Chunk(ids, lookPage) {
		err = errors.Join(err, s.lookAt(ctx, l, accounts, rules, page))
		if !rest(ctx) {
			return err
		}
	}
	return err
}

// timely are the types that time alone may bring about.
var timely = []Type{GrantExpiring, BalanceBelow, PlanChanged}

func (l *listeners) looking(list []*Endpoint) []*Endpoint {
	return slices.DeleteFunc(slices.Clone(list), func(e *Endpoint) bool { return !slices.ContainsFunc(timely, e.wants) })
}

// looks tells whether anybody asked for what time brings about.
func (l *listeners) looks() bool {
	if len(l.looking(l.everywhere)) > 0 {
		return true
	}
	for _, list := range l.accounts {
		if len(l.looking(list)) > 0 {
			return true
		}
	}
	return false
}

// rest leaves the database to others between pages.
func rest(ctx context.Context) bool {
	timer := time.NewTimer(lookPause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// claimLook takes the round that is due, in whichever process comes first.
func (s *Service) claimLook(ctx context.Context) (mine bool, err error) {
	now := s.now()
	next := strconv.FormatInt(int64(now.Add(lookEvery)), 10)
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		mine = false
		var was string
		err := tx.QueryRow(ctx, `SELECT value FROM settings WHERE name = $1`, settingLook).Scan(&was)
		if errors.Is(err, store.ErrNoRows) {
			n, err := tx.Exec(ctx, `INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING`, settingLook, next)
			mine = n == 1
			return err
		}
		if err != nil {
			return err
		}
		// A round that lies further ahead than one can be was set by another clock.
		if due, err := strconv.ParseInt(was, 10, 64); err == nil && calendar.Instant(due) > now && calendar.Instant(due) <= now.Add(lookEvery) {
			return nil
		}
		n, err := tx.Exec(ctx, `UPDATE settings SET value = $2 WHERE name = $1 AND value = $3`, settingLook, next, was)
		mine = n == 1
		return err
	})
	return mine, err
}

// lookEverywhere looks at every account of the installation.
func (s *Service) lookEverywhere(ctx context.Context, l *listeners, accounts Accounts, rules *token.Rules) error {
	var failed error
	for after := ""; ; {
		var ids []string
		err := s.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
			ids = nil
			rows, err := tx.Query(ctx, `SELECT id FROM accounts WHERE id > $1 ORDER BY id LIMIT $2`, after, lookPage)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var id string
				if err := rows.Scan(&id); err != nil {
					return err
				}
				ids = append(ids, id)
			}
			return rows.Err()
		})
		if err != nil || len(ids) == 0 {
			return errors.Join(failed, err)
		}
		after = ids[len(ids)-1]
		failed = errors.Join(failed, s.lookAt(ctx, l, accounts, rules, ids))
		if !rest(ctx) {
			return failed
		}
	}
}

// lookAt looks at some accounts.
func (s *Service) lookAt(ctx context.Context, l *listeners, accounts Accounts, rules *token.Rules, ids []string) error {
	now := s.now()
	present, err := accounts.Present(ctx, ids)
	if err != nil {
		return err
	}
	var failed error
	for i := range present {
		a := &present[i]
		listening := l.looking(l.of(a.ID))
		if err := s.lookAtOne(ctx, accounts, rules, a, listening, now); err != nil && ctx.Err() == nil {
			failed = errors.Join(failed, fmt.Errorf("account %s: %w", a.ID, err))
		}
	}
	return failed
}

func (s *Service) lookAtOne(ctx context.Context, accounts Accounts, rules *token.Rules, a *token.Account, listening []*Endpoint, now calendar.Instant) error {
	if after, entries, err := rules.Apply(*a, token.Request{At: now, Command: token.Touch{}}); err == nil && len(entries) > 0 {
		would := token.Decision{Account: after, Entries: entries}
		if slices.ContainsFunc(listening, func(e *Endpoint) bool { return len(happened(rules, a, &would, e)) > 0 }) {
			if _, err := accounts.Submit(ctx, ledger.Request{Account: a.ID, Request: token.Request{At: now, Command: token.Touch{}}}); err != nil {
				return err
			}
		}
	}
	rolled := rules.Roll(*a, now)
	var failed error
	for _, e := range listening {
		if !e.wants(GrantExpiring) {
			continue
		}
		for _, x := range rules.Expiring(rolled, rolled.At.Add(e.Ahead)) {
			failed = errors.Join(failed, s.announce(ctx, e, a.ID, x, now))
		}
	}
	return failed
}

// announce tells an endpoint of an expiry, unless it was told of it before. The mark and
// the delivery are one transaction.
func (s *Service) announce(ctx context.Context, e *Endpoint, account string, x token.Expiry, now calendar.Instant) error {
	known, err := s.announced(ctx, e, account, x)
	if known || err != nil {
		return err
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.Exec(ctx, `INSERT INTO webhook_expiries (account, webhook, subject, grant_id, expires) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
			e.Account, e.ID, account, x.Grant, int64(x.At))
		if err != nil || n == 0 {
			return err
		}
		whom, err := about(ctx, tx, account)
		if err != nil {
			return err
		}
		body, err := event{GrantExpiring, now, Expiring{About: whom, Grant: x.Grant, Kind: x.Kind, Tokens: x.Tokens, Expires: x.At}}.body()
		if err != nil {
			return err
		}
		_, err = put(ctx, tx, e, GrantExpiring, account, body, now)
		return err
	})
	s.nudge()
	return err
}

// announced tells whether an endpoint was told of an expiry, without writing.
func (s *Service) announced(ctx context.Context, e *Endpoint, account string, x token.Expiry) (known bool, err error) {
	var n int64
	err = s.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM webhook_expiries WHERE account = $1 AND webhook = $2 AND subject = $3 AND grant_id = $4`,
			e.Account, e.ID, account, x.Grant).Scan(&n)
	})
	return n > 0, err
}
