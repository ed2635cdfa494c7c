package queue

// Calibration keeps spans honest by what came true of them. The zero value is ready.
type Calibration struct {
	known bool
	// factors are for Low, Mid and High in each lane, in thousandths.
	factors [lanes][3]int64
}

// How far factors may go, and the part in a thousand by which one wait moves them.
const (
	leastFactor, mostFactor = 100, 10_000
	calibrating             = 20
)

// aims are how many of a thousand waits should be shorter than Low, Mid and High.
var aims = [3]int64{50, 500, 950}

func (c *Calibration) of(l Lane) *[3]int64 {
	if !c.known {
		c.known = true
		for l := range c.factors {
			c.factors[l] = [3]int64{1000, 1000, 1000}
		}
	}
	return &c.factors[min(max(l, Fast), Relaxed)]
}

// Tell corrects what a forecast said.
func (c *Calibration) Tell(l Lane, s Span) Span {
	f := c.of(l)
	if s.High == 0 {
		return Span{Low: s.Low * f[0] / 1000}
	}
	mid := s.Mid * f[1] / 1000
	return Span{Low: min(s.Low*f[0]/1000, mid), Mid: mid, High: max(s.High*f[2]/1000, mid)}
}

// Learn notes how long a job waited that was told so much: each factor moves so that in
// the long run as many waits are shorter as should be.
func (c *Calibration) Learn(l Lane, told Span, waited int64) {
	if told.High == 0 {
		return
	}
	f := c.of(l)
	for n, bound := range [3]int64{told.Low, told.Mid, told.High} {
		move := f[n] * calibrating * aims[n] / 1_000_000
		if waited < bound {
			move = -f[n] * calibrating * (1000 - aims[n]) / 1_000_000
		}
		f[n] = min(max(f[n]+move, leastFactor), mostFactor)
	}
}
