package queue

// Position is the place of a waiting job in its lane: 1 for the next, 0 for a job that
// does not wait. It counts the jobs that begin earlier if nothing else changes, no limit
// binds and engines can do everything. An account's lines of several classes are counted
// each for itself.
func (q *Queue) Position(id string) int {
	i := q.waiting[id]
	if i == nil {
		return 0
	}
	jobs := 0
	lag := i.tag - i.flow.line.clock
	for _, c := range q.classes {
		l := c.lines[i.flow.line.lane]
		jobs += l.ahead(l.clock+lag, i.seq)
	}
	return jobs + 1
}
