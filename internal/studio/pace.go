package studio

import (
	"context"
	"slices"
	"time"

	"github.com/florin-studio/florin/internal/queue"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token/calendar"
)

// pace is how fast engines have been, how jobs come, and what became of what was told.
type pace struct {
	speeds queue.Speeds
	recent queue.Recent
	trust  queue.Calibration
	// price and lasted are means of the jobs that ended here, in tokens and milliseconds;
	// 0 while none has.
	price, lasted int64
	// others are the engines of other processes that take work.
	others []EngineState
	// asked are the waiting jobs that somebody has asked for lately, and when.
	asked map[string]calendar.Instant
	// looks counts the forecasts; the next one is made at next.
	looks uint64
	next  time.Time
}

// recent is the weight of a new measurement, one in so many.
const recent = 8

func mean(was, is int64) int64 {
	if was == 0 {
		return is
	}
	return was + (is-was)/recent
}

// measure notes how long a job took that ran from its beginning to its end here.
func (s *Studio) measure(r *run) {
	took := max(time.Since(r.began).Milliseconds(), 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pace.observe(r.job.Engine, r.job.Spec.Needs().Model, r.job.Price, took, r.switched)
}

func (p *pace) observe(engine, model string, price, took int64, switched bool) {
	p.speeds.Observe(engine, model, price, took, switched)
	p.price, p.lasted = mean(p.price, price), mean(p.lasted, took)
}

// How many ended jobs are looked at for a first idea of speed, and how old they may be.
const (
	remembered  = 512
	rememberFor = 30 * 24 * time.Hour
)

// latest is how long the jobs took that ended last.
const latest = `SELECT engine, model, price, finished - started FROM
			(SELECT * FROM jobs WHERE finished > 0 AND finished > $1 ORDER BY finished DESC LIMIT $2) AS latest WHERE status = 'complete' AND attempt = 1`

// remember takes speeds from the jobs that ended last, before any has ended in this
// process. Which of them had to load a model is not known any more, and what they waited
// and were told neither.
func (s *Studio) remember(ctx context.Context) error {
	type ended struct {
		engine, model string
		price, took   int64
	}
	var jobs []ended
	err := s.read(ctx, func(ctx context.Context, tx *store.Tx) error {
		jobs = nil
		rows, err := tx.Query(ctx, latest,
			int64(s.now().Add(-rememberFor)), remembered)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var j ended
			if err := rows.Scan(&j.engine, &j.model, &j.price, &j.took); err != nil {
				return err
			}
			jobs = append(jobs, j)
		}
		return rows.Err()
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil || s.pace.lasted > 0 {
		return err
	}
	for _, j := range slices.Backward(jobs) { // the newest last, which weighs most
		s.pace.observe(j.engine, j.model, j.price, max(j.took, 1), false)
	}
	return nil
}

const (
	// A forecast may take a twentieth of the time of one processor, so that a long line is
	// told of less often.
	forecasting = 20
	// mostAsked bounds the jobs that a forecast is made for, and interest is how long one
	// that nobody listens for is remembered after somebody asked.
	mostAsked = 2000
	interest  = 2 * time.Minute
)

// foresee tells anew when the jobs may begin that somebody watches.
func (s *Studio) foresee() {
	began := time.Now()
	outlook, line, ok := s.outlook(began)
	if !ok {
		return
	}
	spans := line.Forecast(outlook)
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pace.next = began.Add(forecasting * time.Since(began))
	for id, span := range spans {
		if w := s.waiting[id]; w != nil {
			w.tell(s.pace.trust.Tell(laneOf(w.lane), span), now)
		}
	}
}

// forecast is when a job may begin, as told at an instant.
type forecast struct {
	queue.Span
	at calendar.Instant
}

func (f *forecast) after(ms int64) calendar.Instant {
	if f.at == 0 {
		return 0
	}
	return f.at.Add(time.Duration(ms) * time.Millisecond)
}

// tell notes what is told of a waiting job. What was told first will be compared with
// what comes of it.
func (w *waiter) tell(span queue.Span, now calendar.Instant) {
	w.told = forecast{span, now}
	if w.first.at == 0 {
		w.first = w.told
	}
}

// learn compares how long a job waited with what it was told.
func (s *Studio) learn(w *waiter) {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	f := w.first
	w.first, w.told = forecast{}, forecast{}
	waited := now.Sub(f.at).Milliseconds()
	if f.at != 0 && max(waited, f.Mid) >= s.pace.lasted {
		s.pace.trust.Learn(laneOf(w.lane), f.Span, waited)
	}
}

// outlook copies what a forecast needs, unless none is due or nothing is known yet.
func (s *Studio) outlook(began time.Time) (o queue.Outlook, line *queue.Queue, ok bool) {
	now := s.now()
	listened := s.hub.accounts()
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &s.pace
	if p.lasted == 0 || began.Before(p.next) {
		return o, nil, false
	}
	o = queue.Outlook{Wanted: s.watched(listened, now)}
	if len(o.Wanted) == 0 {
		return o, nil, false
	}
	o.Engines = s.machines(began)
	if len(o.Engines) == 0 {
		return o, nil, false
	}
	slots := 0
	for i := range o.Engines {
		slots += o.Engines[i].Slots
	}
	o.Tries, o.Jobs = queue.Bounds(slots)
	p.looks++
	o.Seed = p.looks
	o.Recent = p.recent.Arrivals(int64(now))
	speeds, models, price := p.speeds.Copy(), map[string]string{}, p.price
	for name, c := range s.classes {
		models[name] = c.model
	}
	o.Needs = func(class string) string { return models[class] }
	o.Takes = func(kind, class string, cost int64, switched bool, dice uint32) int64 {
		if cost == 0 {
			cost = price
		}
		return speeds.Draw(kind, models[class], cost, switched && models[class] != "", dice)
	}
	return o, s.queue.Part(o.Jobs), true
}

// watched are the waiting jobs of accounts that somebody listens for, and those that
// somebody asked for lately. The caller holds the lock.
func (s *Studio) watched(listened map[string]bool, now calendar.Instant) (ids []string) {
	for account := range listened {
		for id := range s.lines[account] {
			ids = append(ids, id)
		}
	}
	for id, at := range s.pace.asked {
		w := s.waiting[id]
		if w == nil || now.Sub(at) > interest {
			delete(s.pace.asked, id)
		} else if !listened[w.account] {
			ids = append(ids, id)
		}
	}
	if len(ids) > mostAsked { // those that have been told least lately
		slices.SortFunc(ids, func(a, b string) int { return int(s.waiting[a].told.at - s.waiting[b].told.at) })
		ids = ids[:mostAsked]
	}
	return ids
}

// ask remembers that somebody wants to know when a job may begin. The caller holds the lock.
func (s *Studio) ask(id string, now calendar.Instant) {
	if s.pace.asked == nil {
		s.pace.asked = map[string]calendar.Instant{}
	}
	if len(s.pace.asked) < mostAsked {
		s.pace.asked[id] = now
	}
}

// machines are the engines as they stand, those of other processes among them. The
// caller holds the lock.
func (s *Studio) machines(now time.Time) (all []queue.Machine) {
	busy := map[string][]queue.Busy{}
	for id, r := range s.running {
		busy[r.job.Engine] = append(busy[r.job.Engine], queue.Busy{ID: id, Class: r.class, Cost: r.job.Price, Ran: now.Sub(r.began).Milliseconds()})
	}
	able := map[string]func(string) bool{}
	for _, m := range s.pool.Members() {
		st := m.Status()
		can := map[string]bool{}
		for name := range s.classes {
			can[name] = s.can(m, name)
		}
		able[st.ID] = func(class string) bool { return can[class] }
		if m.Usable() {
			all = append(all, queue.Machine{Kind: st.ID, Can: able[st.ID], Slots: max(st.Slots, 1) - st.Stuck, Loaded: st.Loaded, Busy: busy[st.ID]})
		}
	}
	return append(all, s.farMachines(able)...)
}

// farMachines are the engines of other processes. One that is called as one here is taken
// to be able to do the same; of others it is not known, and they are taken to do everything.
func (s *Studio) farMachines(able map[string]func(string) bool) (far []queue.Machine) {
	for i := range s.pace.others {
		e := &s.pace.others[i]
		far = append(far, queue.Machine{Kind: e.ID, Can: able[e.ID], Slots: e.Slots - e.Stuck, Loaded: e.Loaded})
	}
	at := 0
	for id := range s.elsewhere {
		for at < len(far) && len(far[at].Busy) >= far[at].Slots {
			at++
		}
		if at == len(far) {
			break // as of some seconds ago they had fewer slots than run jobs now
		}
		far[at].Busy = append(far[at].Busy, queue.Busy{ID: id})
	}
	return far
}
