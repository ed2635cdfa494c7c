package queue

// Load is how busy the engines are, measured outside as running averages.
type Load struct {
	// Speed is what all engines together do, and Arriving what comes to each lane, in
	// tokens in 1000 seconds.
	Speed    int64
	Arriving [lanes]int64
	// Pace is how fast the clock of the job's lane and class runs, in thousandths of a
	// token in 1000 seconds; 0 when that is not known. [Pace] measures it.
	Pace int64
	// Slots is how many jobs run at a time, Free how many of these have nothing to do.
	Slots, Free int
	// JobTime is how long a job runs, in milliseconds.
	JobTime int64
	// Share is the relaxed lane's guaranteed part in percent.
	Share int64
}

// Longest is the longest wait that Estimate tells, in milliseconds: a week.
const Longest = 7 * 24 * 3600 * 1000

// Estimate is how long a job is expected to wait, in milliseconds: the longest of what
// its account's limit, the work before it and its virtual time ask for. It is a figure
// for steady load: what comes later, fails or is cancelled changes it.
func Estimate(a Ahead, l Load) int64 {
	if l.Speed <= 0 || l.Slots <= 0 {
		return Longest
	}
	var own int64
	if p := int64(max(a.Parallel, 1)); int64(a.Own) >= p {
		own = (int64(a.Own) - p + 1) * l.JobTime / p
	}
	if l.Free > 0 && a.Jobs == 0 {
		return min(own, Longest)
	}
	// What comes meanwhile and goes before it slows the work; not all comes in time.
	slowed := spare(l.Speed, l.Arriving[Fast]*3/4)
	wait := last(a.Work+a.Other, slowed)
	switch {
	case a.Lane == Relaxed:
		wait = min(wait, last(a.Work, l.Speed*l.Share/100))
	case a.Lag == 0:
		wait = min(last(a.Work+a.Other, l.Speed), last(a.Work, l.Speed*(100-l.Share)/100))
	default:
		wait = min(wait, last(a.Work, slowed*(100-l.Share)/100))
	}
	if a.Lag > 0 && l.Pace > 0 {
		wait = min(wait, last(a.Lag, l.Pace))
	}
	return min(max(wait+l.JobTime/int64(l.Slots), own), Longest)
}

// spare is what a speed leaves, at least a twentieth.
func spare(speed, taken int64) int64 { return max(speed-taken, speed/20) }

// last is how long some work lasts at a speed in 1000 seconds, in milliseconds.
func last(work, speed int64) int64 {
	if speed <= 0 || work/speed >= Longest/1_000_000 {
		return Longest
	}
	return work/speed*1_000_000 + work%speed*1_000_000/speed
}

// Pace measures how fast a clock of the queue runs, as a running average over some ten
// minutes. The zero value is ready.
type Pace struct {
	at, clock, average int64
	known              bool
}

// paceTime is the time over which the average forgets, in milliseconds.
const paceTime = 10 * 60 * 1000

// Observe notes what [Queue.Clock] shows at an instant in milliseconds.
func (p *Pace) Observe(now, clock int64) {
	past, moved := now-p.at, clock-p.clock
	if p.known && past <= 0 {
		return
	}
	if p.known && moved >= 0 { // else the clock was forgotten, and begins again
		rate := moved * 1_000_000 / past
		past = min(past, paceTime)
		p.average += (rate - p.average) / paceTime * past
		p.average += (rate - p.average) % paceTime * past / paceTime
	}
	p.at, p.clock, p.known = now, clock, true
}

// Rate is the measured pace in thousandths of a token in 1000 seconds.
func (p *Pace) Rate() int64 { return p.average }
