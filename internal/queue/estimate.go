package queue

// Load is how busy the engines are, measured outside as running averages.
type Load struct {
	// Speed is what all engines together do, and Arriving what comes to each lane, in
	// tokens in 1000 seconds.
	Speed    int64
	Arriving [lanes]int64
	// Slots is how many jobs run at a time, Free how many of these have nothing to do.
	Slots, Free int
	// JobTime is how long a job runs, in milliseconds.
	JobTime int64
	// Share is the relaxed lane's guaranteed part in percent.
	Share int64
}

// Longest is the longest wait that Estimate tells, in milliseconds: a week.
const Longest = 7 * 24 * 3600 * 1000

// Estimate is how long a job is expected to wait, in milliseconds. It is a figure for
// steady load: what arrives later, fails or is cancelled changes it.
func Estimate(a Ahead, l Load) int64 {
	if l.Speed <= 0 || l.Slots <= 0 {
		return Longest
	}
	// The account's own jobs: Parallel at a time.
	var own int64
	if p := int64(max(a.Parallel, 1)); int64(a.Own) >= p {
		own = (int64(a.Own) - p + 1) * l.JobTime / p
	}
	if l.Free > 0 && a.Jobs == 0 {
		return min(own, Longest)
	}
	wait := l.JobTime / int64(l.Slots)
	speed := l.Speed
	if a.Lane == Relaxed {
		guaranteed := last(a.Work, speed*l.Share/100)
		wait += min(guaranteed, last(a.Work+a.Other, spare(speed, l.Arriving[Fast])))
		return min(max(wait, own), Longest)
	}
	if a.Lag > 0 {
		speed = spare(speed, l.Arriving[Fast]/2) // of what comes later, about half comes before it
	}
	wait += min(last(a.Work, speed*(100-l.Share)/100), last(a.Work+a.Other, speed))
	return min(max(wait, own), Longest)
}

// spare is what a speed leaves, at least a twentieth.
func spare(speed, taken int64) int64 { return max(speed-taken, speed/20) }

// last is how long some work lasts at a speed, in milliseconds.
func last(work, speed int64) int64 {
	if speed <= 0 {
		return Longest
	}
	if work > Longest/1000*speed/1000 {
		return Longest
	}
	return work * 1_000_000 / speed
}
