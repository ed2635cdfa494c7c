package studio

import (
	"fmt"
	"slices"
	"strings"

	"github.com/florin-studio/florin/internal/engine/pool"
)

// class is what the jobs of one line of the queue have in common: the engines that can do
// them, and the model they need.
type class struct {
	model string
	// able are the engines that can do it; shunned those that failed at it, which are asked
	// again only while all others are out.
	able, shunned []string
}

// classOf sorts a job by the engines that can do it. The caller holds the lock.
func (s *Studio) classOf(w *waiter) string {
	c := class{model: w.needs.Model}
	for _, m := range s.pool.Members() {
		switch {
		case !w.needs.MetBy(m.Describe()):
		case s.avoid[w.id][m.ID()]:
			c.shunned = append(c.shunned, m.ID())
		default:
			c.able = append(c.able, m.ID())
		}
	}
	if len(c.able) == 0 {
		c.able, c.shunned = c.shunned, nil
	}
	name := c.model + "|" + strings.Join(c.able, " ") + "|" + strings.Join(c.shunned, " ")
	if s.classes[name] == nil {
		s.classes[name] = &c
	}
	return name
}

// can tells whether an engine that takes work may do a class. The caller holds the lock.
func (s *Studio) can(m *pool.Member, name string) bool {
	c := s.classes[name]
	if slices.Contains(c.able, m.ID()) {
		return true
	}
	return slices.Contains(c.shunned, m.ID()) && !slices.ContainsFunc(s.pool.Members(), func(other *pool.Member) bool {
		return slices.Contains(c.able, other.ID()) && other.Usable()
	})
}

// better gives the engine that should have the job which m was to have: another one with
// a free slot may have the model loaded already, and switching models is slow. The
// caller holds the lock.
func (s *Studio) better(m *pool.Member, w *waiter) *pool.Member {
	if w.needs.Model == "" || m.Loaded() == w.needs.Model {
		return m
	}
	for _, other := range s.pool.Members() {
		if other.Loaded() == w.needs.Model && other.Free() > 0 && s.can(other, w.class) {
			return other
		}
	}
	return m
}

// sortAgain finds the engines of every waiting job anew when what engines can do has
// changed, such as by a model that was installed.
func (s *Studio) sortAgain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	abilities := ""
	for _, m := range s.pool.Members() {
		abilities += fmt.Sprintf("%+v\n", m.Describe())
	}
	if abilities == s.abilities {
		return
	}
	first := s.abilities == ""
	s.abilities = abilities
	if first {
		return
	}
	var moved []*waiter
	for _, w := range s.waiting {
		if s.classOf(w) != w.class {
			moved = append(moved, w)
		}
	}
	slices.SortFunc(moved, func(a, b *waiter) int { return int(a.seq - b.seq) })
	for _, w := range moved {
		s.queue.Remove(w.id)
		s.step(w.id)
	}
	for _, w := range moved {
		s.add(w)
	}
	s.signal()
}

// obstacle says why a waiting job can't begin now whatever its place in line, or
// nothing. The caller holds the lock.
func (s *Studio) obstacle(w *waiter) string {
	var out []string
	for _, m := range s.pool.Members() {
		if !s.can(m, w.class) {
			continue
		}
		if m.Usable() {
			return ""
		}
		st := m.Status()
		out = append(out, fmt.Sprintf("%s is %s: %s", st.Name, st.State, st.Reason))
	}
	if len(out) == 0 {
		return "No engine here can do this at the moment."
	}
	return "No engine can do this now. " + strings.Join(out, " ")
}

// overLimit says that a job waits for others of its account. The caller holds the lock.
func (s *Studio) overLimit(w *waiter) string {
	parallel, running := max(s.planOf(w.plan).Limits.Parallel, 1), 0
	for _, r := range s.running {
		if r.job.Account == w.account {
			running++
		}
	}
	for _, account := range s.elsewhere {
		if account == w.account {
			running++
		}
	}
	if running < parallel {
		return ""
	}
	if parallel == 1 {
		return "Your plan runs one job at a time."
	}
	return fmt.Sprintf("Your plan runs %d jobs at a time.", parallel)
}

// Can tells whether some engine of this installation could do it, be it out at the
// moment: nil, or what is missing and how to get it.
func (s *Studio) Can(n Needs) error {
	if missing := s.lacks(n); missing != nil {
		return missing
	}
	return nil
}
