package planner

import (
	"slices"
	"strconv"
	"strings"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/token"
)

// impossible is more than anything costs; dearest is the highest price of a job that is
// planned, so that no sum overflows.
const (
	impossible = token.Max
	dearest    = token.Max / MaxPictures
)

// tariff is what one wish's pictures cost while the same discounts apply.
type tariff struct {
	// job[j] is the price of one job of j pictures; job[0] is unused.
	job []int64
	// cost[n] is the least that n pictures cost, over all ways to split them into jobs.
	cost []int64
	// last[n] is the size of one job in the cheapest way, the largest of those that tie.
	last []int
	// rising tells that more pictures never cost less.
	rising bool
}

// newTariff finds the cheapest split for every number up to n: cost(n) is the least of
// job(j) + cost(n-j) over all sizes j of the last job, which is exact because jobs do not
// influence each other's price.
func newTariff(job []int64, n int) *tariff {
	t := &tariff{job: job, cost: make([]int64, n+1), last: make([]int, n+1), rising: true}
	for i := 1; i <= n; i++ {
		t.cost[i] = impossible
		for j := 1; j < len(job) && j <= i; j++ {
			if c := job[j] + t.cost[i-j]; c <= t.cost[i] {
				t.cost[i], t.last[i] = c, j
			}
		}
		t.rising = t.rising && t.cost[i] >= t.cost[i-1]
	}
	return t
}

// most is how many pictures at most, up to a number, a budget pays.
func (t *tariff) most(budget int64, upTo int) int {
	if !t.rising {
		for n := upTo; n > 0; n-- {
			if t.cost[n] <= budget {
				return n
			}
		}
		return 0
	}
	n, paid := slices.BinarySearch(t.cost[:upTo+1], budget)
	if !paid {
		return n - 1
	}
	for n < upTo && t.cost[n+1] == budget {
		n++
	}
	return n
}

// batch is a number of jobs of one size and price.
type batch struct {
	images int
	jobs   int
	price  int64
}

// split gives the jobs of the cheapest way to n pictures, largest first.
func (t *tariff) split(n int) []batch {
	counts := make([]int, len(t.job))
	for ; n > 0; n -= t.last[n] {
		counts[t.last[n]]++
	}
	var out []batch
	for j := len(counts) - 1; j > 0; j-- {
		if counts[j] > 0 {
			out = append(out, batch{images: j, jobs: counts[j], price: t.job[j]})
		}
	}
	return out
}

// table is what all wishes cost while the same discounts apply.
type table struct {
	of []*tariff
	id int
}

// need is what so many pictures of each wish cost.
func (t *table) need(pictures []int) int64 {
	var sum int64
	for i, n := range pictures {
		sum += t.of[i].cost[n]
	}
	return sum
}

// shop is a project before a catalog: which wishes there are and what they cost when.
type shop struct {
	list     *catalog.Catalog
	wishes   []Wish
	wanted   []int
	before   []int
	largest  []int
	fastOnly []bool
	// discounts from the project's beginning on, and the tables by which of them apply.
	discounts []catalog.Discount
	// edges are the instants at which they begin and end; atEdge the tables from there on.
	edges   []token.Instant
	atEdge  []*table
	tables  map[string]*table
	bests   map[string]*table
	allowed map[string][]bool
}

func newShop(list *catalog.Catalog, p *Project, from, until token.Instant) *shop {
	s := &shop{list: list, wishes: p.Wishes, before: p.before(), tables: map[string]*table{}, bests: map[string]*table{}, allowed: map[string][]bool{}}
	for _, w := range p.Wishes {
		s.wanted = append(s.wanted, w.Pictures)
		price, _ := list.Price(w.Request(1), 0)
		s.fastOnly = append(s.fastOnly, price.FastOnly || p.FastOnly)
		s.largest = append(s.largest, largestJob(list, w))
	}
	s.discounts = list.Discounts(from, until)
	s.discounts = slices.DeleteFunc(s.discounts, func(d catalog.Discount) bool {
		return len(d.Features) > 0 && !slices.ContainsFunc(p.Wishes, func(w Wish) bool { return slices.Contains(d.Features, w.Feature()) })
	})
	for _, d := range s.discounts {
		s.edges = append(s.edges, d.From, d.Until)
	}
	slices.Sort(s.edges)
	s.edges = slices.Compact(s.edges)
	s.atEdge = make([]*table, len(s.edges))
	return s
}

// largestJob is how many pictures of a wish one job can have.
func largestJob(list *catalog.Catalog, w Wish) int {
	n := 1
	for n < w.Pictures {
		if _, err := list.Price(w.Request(n+1), 0); err != nil {
			break
		}
		n++
	}
	return n
}

// usual is the table without discounts.
func (s *shop) usual() *table { return s.tableFor("", 0) }

// at is the table that applies at an instant: the one of the last edge.
func (s *shop) at(at token.Instant) *table {
	i, exact := slices.BinarySearch(s.edges, at)
	if exact {
		i++
	}
	if i == 0 {
		return s.usual()
	}
	if s.atEdge[i-1] == nil {
		s.atEdge[i-1] = s.tableFor(s.active(s.edges[i-1]), s.edges[i-1])
	}
	return s.atEdge[i-1]
}

// active names the discounts that apply at an instant.
func (s *shop) active(at token.Instant) string {
	var key strings.Builder
	for _, d := range s.discounts {
		if d.From > at {
			break // they stand in the order in which they begin
		}
		if at < d.Until {
			key.WriteString(d.ID + "\x00")
		}
	}
	return key.String()
}

func (s *shop) tableFor(key string, at token.Instant) *table {
	if t := s.tables[key]; t != nil {
		return t
	}
	t := &table{id: len(s.tables)}
	for i, w := range s.wishes {
		job := make([]int64, s.largest[i]+1)
		for n := 1; n < len(job); n++ {
			price, err := s.list.Price(w.Request(n), at)
			job[n] = min(price.Tokens, dearest)
			if err != nil {
				job[n] = dearest
			}
		}
		t.of = append(t.of, newTariff(job, w.Pictures))
	}
	s.tables[key] = t
	return t
}

// best is the table of the lowest prices that any instant of a time has.
func (s *shop) best(from, until token.Instant) *table {
	found := []*table{s.at(from)}
	for next := s.edge(from); next != 0 && next <= until; next = s.edge(next) {
		if t := s.at(next); !slices.Contains(found, t) {
			found = append(found, t)
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	var key strings.Builder
	for _, t := range found {
		key.WriteString(strconv.Itoa(t.id) + " ")
	}
	if t := s.bests[key.String()]; t != nil {
		return t
	}
	t := &table{id: -1}
	s.bests[key.String()] = t
	for i, w := range s.wishes {
		job := slices.Clone(found[0].of[i].job)
		for _, other := range found[1:] {
			for n := range job {
				job[n] = min(job[n], other.of[i].job[n])
			}
		}
		t.of = append(t.of, newTariff(job, w.Pictures))
	}
	return t
}

// edge is the next instant after which another table may apply, or 0.
func (s *shop) edge(after token.Instant) token.Instant {
	i, exact := slices.BinarySearch(s.edges, after)
	if exact {
		i++
	}
	if i == len(s.edges) {
		return 0
	}
	return s.edges[i]
}

// allows tells which wishes a plan may have (P8).
func (s *shop) allows(plan string) []bool {
	if a := s.allowed[plan]; a != nil {
		return a
	}
	a := make([]bool, len(s.wishes))
	for i, w := range s.wishes {
		a[i] = s.list.Allow(w.Request(1), plan) == nil
	}
	s.allowed[plan] = a
	return a
}
