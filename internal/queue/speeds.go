package queue

// Speeds measures how long jobs run, by kind of engine and class, as running averages
// of whole numbers. The zero value knows nothing.
type Speeds struct {
	known map[speedOf]*speed
	all   speed
	// ratios are how the last runs compared with what was expected, in thousandths.
	ratios [128]int64
	count  int
}

type speedOf struct{ kind, class string }

// speed is what a token's worth takes, and loading what the class needs, in microseconds.
type speed struct{ perToken, loading int64 }

// Observe notes that a job ran from its beginning to its end, for so many milliseconds.
func (s *Speeds) Observe(kind, class string, cost, ms int64, switched bool) {
	cost, ms = max(cost, 1), max(ms, 1)
	if s.known == nil || len(s.known) > mostSpeeds {
		s.known = map[speedOf]*speed{}
	}
	at := s.known[speedOf{kind, class}]
	if at == nil {
		first := s.all
		at = &first
		s.known[speedOf{kind, class}] = at
	} else {
		s.ratios[s.count%len(s.ratios)] = min(ms*1000/max(s.Expect(kind, class, cost, switched), 1), 100_000)
		s.count++
	}
	for _, v := range []*speed{at, &s.all} {
		if switched && v.perToken > 0 {
			v.loading = average(v.loading, max(ms*1000-v.perToken*cost, 0))
		} else {
			v.perToken = average(v.perToken, ms*1000/cost)
		}
	}
}

// mostSpeeds bounds what is kept, as classes come and go.
const mostSpeeds = 10_000

func average(was, is int64) int64 {
	if was == 0 {
		return is
	}
	return was + (is-was)/16
}

// Expect is how long a job will run on average, in milliseconds, or 0 while nothing is known.
func (s *Speeds) Expect(kind, class string, cost int64, switched bool) int64 {
	v := s.all
	if at := s.known[speedOf{kind, class}]; at != nil {
		v = *at
	}
	us := v.perToken * cost
	if switched {
		us += v.loading
	}
	return us / 1000
}

// Draw is how long a job may run: what is expected, off by as much as one of the last runs was.
func (s *Speeds) Draw(kind, class string, cost int64, switched bool, dice uint32) int64 {
	ms := s.Expect(kind, class, cost, switched)
	if n := min(s.count, len(s.ratios)); n >= len(guesses) {
		return ms * s.ratios[int(dice%uint32(n))] / 1000
	}
	return ms * guesses[int(dice)%len(guesses)] / 1000
}

// guesses stand for ratios while too few runs were measured.
var guesses = [8]int64{500, 700, 850, 950, 1050, 1200, 1500, 2000}

// Copy gives speeds that change no more.
func (s *Speeds) Copy() *Speeds {
	c := *s
	c.known = make(map[speedOf]*speed, len(s.known))
	for at, v := range s.known {
		w := *v
		c.known[at] = &w
	}
	return &c
}
