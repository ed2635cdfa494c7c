package retouch

import (
	"context"
	"sync"

	"github.com/florin-studio/florin/internal/engine"
)

// hands is how many goroutines work for one picture.
const hands = 2

// job is one run: its context, and how far it is.
type job struct {
	ctx    context.Context
	report engine.Report
	last   int
	// low and high are the percentages between which the present stage moves.
	low, high int
	// inner, if not nil, hears how far a split is, 0 to 1, from the running goroutine.
	inner func(share float64)
}

func newJob(ctx context.Context, report engine.Report) *job {
	if report == nil {
		report = func(int) {}
	}
	return &job{ctx: ctx, report: report, last: -1, high: 100}
}

// stage says that what follows moves from where the last stage ended up to high.
func (j *job) stage(high int) { j.low, j.high = j.high, high }

// begin is the first stage.
func (j *job) begin(high int) { j.low, j.high = 0, high; j.progress(0) }

// progress tells how much of the stage is done, 0 to 1.
func (j *job) progress(done float64) {
	p := j.low + int(min(max(done, 0), 1)*float64(j.high-j.low))
	if p > j.last {
		j.last = p
		j.report(p)
	}
}

// inTurn runs work for each of count rows, one after the other, until the context ends.
func (j *job) inTurn(count int, row func(y int)) {
	for y := 0; y < count && j.ctx.Err() == nil; y++ {
		row(y)
	}
}

// split runs work on two halves of [0, n), cut at the given place. Each half gets its
// rows one by one until the context ends.
func (j *job) split(n, cut int, down bool, row func(i, low, high int)) error {
	part := func(low, high int, row func(i, low, high int)) {
		for k := low; k < high && j.ctx.Err() == nil; k++ {
			if down {
				row(k, low, high)
			} else {
				row(low+high-1-k, low, high)
			}
		}
	}
	cut = min(max(cut, 0), n)
	var wait sync.WaitGroup
	wait.Go(func() { part(cut, n, row) })
	done := 0
	part(0, cut, func(i, low, high int) {
		row(i, low, high)
		if done++; j.inner != nil {
			j.inner(float64(done) / float64(cut))
		}
	})
	wait.Wait()
	return j.ctx.Err()
}
