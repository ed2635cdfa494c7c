package builtin

import (
	"context"
	"sync/atomic"

	"github.com/florin-studio/florin/internal/engine"
)

// job is one running picture: its context and its progress. Only the goroutine that
// called Run may use progress and rows.
type job struct {
	ctx    context.Context
	report engine.Report
	last   int
}

// stopped tells whether the picture is no longer wanted. Long loops ask it at least every
// few milliseconds of work.
func (j *job) stopped() bool { return j.ctx.Err() != nil }

// progress reports a percentage if it is higher than the last one.
func (j *job) progress(percent float64) {
	p := min(int(percent), 100)
	if p > j.last {
		j.last = p
		j.report(p)
	}
}

// rows runs work for each row on two goroutines, this one included, and moves progress
// from one percentage to another. It returns the context's error if the work was cut short.
func (j *job) rows(count int, from, to float64, work func(y int)) error {
	var next, done atomic.Int64
	take := func() bool {
		y := int(next.Add(1)) - 1
		if y >= count || j.stopped() {
			return false
		}
		work(y)
		done.Add(1)
		return true
	}
	helper := make(chan struct{})
	go func() {
		defer close(helper)
		for take() {
		}
	}()
	for take() {
		j.progress(from + (to-from)*float64(done.Load())/float64(count))
	}
	<-helper
	if err := j.ctx.Err(); err != nil {
		return err
	}
	j.progress(to)
	return nil
}
