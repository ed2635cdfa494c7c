package queue

// Recent keeps the last submissions for forecasts. The zero value is ready.
type Recent struct {
	ring []Arrival
	next int
	last int64
}

// recentKept is how many are kept.
const recentKept = 1024

// Note keeps a submission at an instant in milliseconds, just before it is added to q.
func (r *Recent) Note(q *Queue, now int64, j Job, t Terms) {
	a := Arrival{After: max(now-r.last, 0), Job: j, Terms: t, Fresh: q.accounts[j.Account] == nil}
	if r.last == 0 {
		a.After = 0
	}
	r.last = now
	if len(r.ring) < recentKept {
		r.ring = append(r.ring, a)
		return
	}
	r.ring[r.next] = a
	r.next = (r.next + 1) % recentKept
}

// quiet is how long it is taken to be quiet after the last submission, in milliseconds,
// while only few are known.
const quiet = 60_000

// Arrivals are the submissions that are kept, oldest first, as of now.
func (r *Recent) Arrivals(now int64) []Arrival {
	all := make([]Arrival, 0, len(r.ring))
	all = append(append(all, r.ring[r.next:]...), r.ring[:r.next]...)
	if len(all) == 0 {
		return all
	}
	// After the last one comes the first again, not sooner than it has been quiet.
	all[0].After = max(all[0].After, now-r.last)
	if len(all) < recentKept {
		all[0].After = max(all[0].After, quiet)
	}
	return all
}
