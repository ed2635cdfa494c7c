package studio

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token/calendar"
)

// EngineState is how an engine of some process stands.
type EngineState struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Honesty string `json:"honesty"`
	// State is "starting", "ready" or "out"; Reason says why it takes no work, Since from when on.
	State  string           `json:"state"`
	Reason string           `json:"reason,omitempty"`
	Since  calendar.Instant `json:"since"`
	// NextProbe is when an engine that is out is asked again, or 0.
	NextProbe calendar.Instant `json:"next_probe,omitempty"`
	Slots     int              `json:"slots"`
	Running   int              `json:"running"`
	// Stuck slots hold a call that was given up and has not returned.
	Stuck  int    `json:"stuck,omitempty"`
	Loaded string `json:"loaded,omitempty"`
	Made   int64  `json:"made"`
	Failed int64  `json:"failed"`
	// Pace is what a picture takes, in milliseconds, 0 while nothing is known.
	Pace int64 `json:"pace_ms"`
	// Worker is the process that the engine belongs to.
	Worker string `json:"worker"`
}

// EngineStates tells how the engines of this process stand.
func (s *Studio) EngineStates() []EngineState {
	states := []EngineState{}
	for _, m := range s.pool.Members() {
		st := m.Status()
		e := EngineState{
			ID: st.ID, Name: st.Name, Honesty: st.Honesty, State: string(st.State), Reason: st.Reason, Since: calendar.At(st.Since),
			Slots: max(st.Slots, 1), Running: st.Running, Stuck: st.Stuck, Loaded: st.Loaded, Made: st.Made, Failed: st.Failed,
			Pace: st.Pace.Milliseconds(), Worker: s.worker,
		}
		if !st.NextProbe.IsZero() {
			e.NextProbe = calendar.At(st.NextProbe)
		}
		states = append(states, e)
	}
	return states
}

// A process signs on every so often and whenever an engine came or went; one that has not
// been seen for absent is gone.
const (
	signEvery = 30 * time.Second
	absent    = 90 * time.Second
)

// signOn writes how this process's engines stand, for others to read.
func (s *Studio) signOn(ctx context.Context) error {
	states := s.EngineStates()
	brief := ""
	for _, e := range states {
		brief += e.ID + " " + e.State + " " + e.Reason + "\n"
	}
	now := s.now()
	if brief == s.news.signed && now.Sub(s.news.signedAt) < signEvery {
		return nil
	}
	raw, err := json.Marshal(states)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO workers (id, started, seen, engines) VALUES ($1, $2, $2, $3)
			ON CONFLICT (id) DO UPDATE SET seen = excluded.seen, engines = excluded.engines`, s.worker, int64(now), string(raw))
		return err
	})
	if err == nil {
		s.news.signed, s.news.signedAt = brief, now
	}
	if s.Alone || err != nil {
		return err
	}
	return s.seeOthers(ctx)
}

// seeOthers notes the engines of other processes, for estimates.
func (s *Studio) seeOthers(ctx context.Context) error {
	all, err := s.AllEngines(ctx)
	var others []EngineState
	for _, e := range all {
		if e.Worker != s.worker && e.State == "ready" && e.Slots > e.Stuck {
			others = append(others, e)
		}
	}
	s.mu.Lock()
	s.pace.others = others
	s.mu.Unlock()
	return err
}

// signOff tells that this process runs no more jobs.
func (s *Studio) signOff(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, persistStopping)
	defer cancel()
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM workers WHERE id = $1`, s.worker)
		return err
	})
	if err != nil {
		s.Log.Error("signing off", "err", err)
	}
}

// AllEngines tells how the engines of every process of this database stand, those of
// others as of at most half a minute ago.
func (s *Studio) AllEngines(ctx context.Context) ([]EngineState, error) {
	states := s.EngineStates()
	if len(s.Engines) == 0 {
		states = nil
	}
	err := s.read(ctx, func(ctx context.Context, tx *store.Tx) error {
		rows, err := tx.Query(ctx, `SELECT engines FROM workers WHERE id <> $1 AND seen > $2 ORDER BY started, id`, s.worker, int64(s.now().Add(-absent)))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var raw string
			var more []EngineState
			if err := errors.Join(rows.Scan(&raw), json.Unmarshal([]byte(raw), &more)); err != nil {
				return err
			}
			states = append(states, more...)
		}
		return rows.Err()
	})
	return states, err
}

// sweepEvery is how often files that no row names are looked for.
const sweepEvery = time.Hour

// tidy does what comes up every minute: it forgets processes that died, and every hour
// it removes files that were stored for nothing.
func (s *Studio) tidy(ctx context.Context) error {
	now := s.now()
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM workers WHERE seen < $1`, int64(now.Add(-2*absent)))
		return err
	})
	if now.Sub(s.swept) < sweepEvery {
		return err
	}
	s.swept = now
	removed, failed := s.SweepFiles(ctx)
	if removed > 0 {
		s.Log.Info("files that nothing names were removed", "files", removed)
	}
	return errors.Join(err, failed)
}
