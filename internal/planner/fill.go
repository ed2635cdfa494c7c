package planner

// What may be done at one moment: which numbers of pictures of each wish.

// choice is a number of pictures of each wish and what they cost.
type choice struct {
	pictures []int
	cost     int64
}

// scene is one moment seen from one state: what is left, what can be spent.
type scene struct {
	prices *table
	left   []int
	budget int64
	// most pictures in all that time allows here.
	cap     int
	before  []int
	allowed []bool
	// thrifty keeps to moves that cost nothing in the end: split apart, the pictures of
	// now and those of later cost as little as all of them together at the best prices.
	thrifty *table
}

// open tells whether a wish may be worked on, given what this choice has made of the others.
func (s *scene) open(i int, made []int) bool {
	b := s.before[i]
	return s.allowed[i] && s.left[i] > 0 && (b < 0 || s.left[b] == made[b])
}

// fill takes as many pictures as the budget pays of each wish in turn, beginning with
// wish first; wishes that open on the way get a turn of their own.
func (s *scene) fill(first int, start []int) choice {
	n := len(s.left)
	c := choice{pictures: make([]int, n)}
	had := make([]bool, n)
	room := s.cap
	for i, m := range start {
		if m > 0 {
			c.pictures[i], had[i] = m, true
			c.cost += s.prices.of[i].cost[m]
			room -= m
		}
	}
	for again := true; again; {
		again = false
		for k := range n {
			i := (first + k) % n
			if had[i] || !s.open(i, c.pictures) {
				continue
			}
			had[i], again = true, true
			m := s.take(i, s.budget-c.cost, room)
			c.pictures[i] = m
			c.cost += s.prices.of[i].cost[m]
			room -= m
		}
	}
	return c
}

// take is how many pictures of a wish a budget pays.
func (s *scene) take(i int, budget int64, room int) int {
	t := s.prices.of[i]
	m := t.most(budget, min(s.left[i], room))
	if s.thrifty == nil {
		return m
	}
	best := s.thrifty.of[i].cost
	for ; m > 0; m-- {
		if t.cost[m]+best[s.left[i]-m] == best[s.left[i]] {
			break
		}
	}
	return m
}

// every lists all choices, the empty one included, unless more than a limit must be looked at.
func (s *scene) every(limit int) ([]choice, bool) {
	var out []choice
	made := make([]int, len(s.left))
	complete := true
	looked := 0
	var walk func(i int, cost int64, sum int)
	walk = func(i int, cost int64, sum int) {
		if looked++; looked > limit {
			complete = false
			return
		}
		if i == len(made) {
			if s.ordered(made) {
				out = append(out, choice{pictures: append([]int(nil), made...), cost: cost})
			}
			return
		}
		for m := 0; complete && m <= s.left[i] && sum+m <= s.cap; m++ {
			if m > 0 && !s.allowed[i] {
				break
			}
			c := s.prices.of[i].cost[m]
			if cost+c > s.budget {
				if s.prices.of[i].rising {
					break
				}
				continue
			}
			made[i] = m
			walk(i+1, cost+c, sum+m)
		}
		made[i] = 0
	}
	walk(0, 0, 0)
	return out, complete
}

// ordered tells whether a choice keeps to the order of the wishes.
func (s *scene) ordered(made []int) bool {
	for i, m := range made {
		if b := s.before[i]; m > 0 && b >= 0 && made[b] != s.left[b] {
			return false
		}
	}
	return true
}

// knapsackLimit bounds the budgets and options that are worked out one by one.
const knapsackLimit = 600

// knapsack is the choice of the most worth that a budget pays, where a picture of wish i
// is worth worth[i]: exact, by dynamic programming over budgets. upTo bounds the pictures.
func knapsack(t *table, worth []int64, upTo []int, budget int64) (pictures []int, total int64) {
	n, b := len(upTo), int(budget)
	value := make([]int64, b+1)
	from := make([][]int32, n)
	for i := range n {
		from[i] = make([]int32, b+1)
		if upTo[i] == 0 {
			continue
		}
		cost := t.of[i].cost
		for x := b; x >= 0; x-- {
			best, pick := value[x], int32(0)
			for m := 1; m <= upTo[i]; m++ {
				if c := cost[m]; c <= int64(x) {
					if v := value[int64(x)-c] + worth[i]*int64(m); v > best {
						best, pick = v, int32(m)
					}
				} else if t.of[i].rising {
					break
				}
			}
			// Lower budgets are still those of the wishes before, as x falls.
			value[x], from[i][x] = best, pick
		}
	}
	total = value[b]
	pictures = make([]int, n)
	for i, x := n-1, b; i >= 0; i-- {
		pictures[i] = int(from[i][x])
		x -= int(t.of[i].cost[pictures[i]])
	}
	return pictures, total
}
