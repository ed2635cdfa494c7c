package studio

import (
	"slices"
	"time"

	"github.com/florin-studio/florin/internal/queue"
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
	// others is how many slots other processes have.
	others int
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
	p := &s.pace
	p.speeds.Observe(r.job.Engine, r.job.Spec.Needs().Model, r.job.Price, took, r.switched)
	p.price, p.lasted = mean(p.price, r.job.Price), mean(p.lasted, took)
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

// machines are the engines as they stand, and one for those of other processes. The
// caller holds the lock.
func (s *Studio) machines(now time.Time) (all []queue.Machine) {
	busy := map[string][]queue.Busy{}
	for id, r := range s.running {
		busy[r.job.Engine] = append(busy[r.job.Engine], queue.Busy{ID: id, Class: r.class, Cost: r.job.Price, Ran: now.Sub(r.began).Milliseconds()})
	}
	for _, m := range s.pool.Members() {
		if !m.Usable() {
			continue
		}
		st := m.Status()
		can := map[string]bool{}
		for name := range s.classes {
			can[name] = s.can(m, name)
		}
		all = append(all, queue.Machine{Kind: st.ID, Can: func(class string) bool { return can[class] }, Slots: max(st.Slots, 1) - st.Stuck, Loaded: st.Loaded, Busy: busy[st.ID]})
	}
	if s.pace.others > 0 {
		far := queue.Machine{Slots: s.pace.others}
		for id := range s.elsewhere {
			far.Busy = append(far.Busy, queue.Busy{ID: id})
		}
		all = append(all, far)
	}
	return all
}
