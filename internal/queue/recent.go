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
const quiet = 600_000

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

// crowd is what a forecast makes of recent submissions.
type crowd struct {
	// strangers is how many of a thousand who came anew will be somebody not seen before.
	strangers int
	// stretch is how many thousandths of the time between submissions pass in a forecast.
	stretch int64
}

// mostCome bounds, in percent of what the engines can do, what is taken to come: nobody
// knows from a rush that it goes on for ever.
const mostCome = 95

// crowd looks at recent submissions as a whole.
func (o *Outlook) crowd() crowd {
	c := crowd{stretch: 1000}
	times := map[string]int{}
	fresh, seldom, slots := 0, 0, int64(0)
	for _, e := range o.Engines {
		slots += int64(e.Slots)
	}
	span, work := int64(1), int64(0)
	for n, a := range o.Recent {
		span += a.After
		if len(o.Engines) > 0 {
			work += o.Takes(o.Engines[n%len(o.Engines)].Kind, a.Job.Class, a.Job.Cost, false, dice(o.Seed+uint64(n)))
		}
		if a.Fresh {
			fresh++
			if times[a.Job.Account]++; times[a.Job.Account] == 1 {
				seldom++
			} else if times[a.Job.Account] == 2 {
				seldom--
			}
		}
	}
	// Good and Turing's estimate, on the safe side of few observations: where the same
	// few people come again and again, no strangers are expected.
	c.strangers = seldom * 1000 / (fresh + 8)
	if most := max(span*slots*mostCome/100, 1); work > most {
		c.stretch = min(work*1000/most, 1_000_000)
	}
	return c
}
