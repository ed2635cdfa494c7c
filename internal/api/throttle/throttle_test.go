package throttle_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/api/throttle"
)

func TestAMinutesWorthThenEvenly(t *testing.T) {
	t.Parallel()
	var l throttle.Limiter
	now := time.Unix(0, 0)
	for i := range 60 {
		if ok, _ := l.Take("a", 60, now); !ok {
			t.Fatalf("request %d of 60 was refused", i+1)
		}
	}
	ok, wait := l.Take("a", 60, now)
	if ok || wait != time.Second {
		t.Errorf("the 61st: %t, wait %s", ok, wait)
	}
	if ok, _ := l.Take("b", 60, now); !ok {
		t.Error("another name was refused")
	}
	if ok, _ := l.Take("a", 60, now.Add(wait)); !ok {
		t.Error("refused after the wait that was told")
	}
	if ok, _ := l.Take("a", 60, now.Add(wait)); ok {
		t.Error("one second gave two requests")
	}
	for range 1000 {
		if ok, _ := l.Take("free", 0, now); !ok {
			t.Fatal("a name without limit was refused")
		}
	}
}

// Each call that starts a job has a limit of its own, for all keys of an account together.
func TestCreates(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	for set, most := range map[int64]int{0: throttle.UsualCreates, 6: 6} {
		r := throttle.Rates{Creates: set}
		for i := range most {
			if ok, _ := r.Create("ada", "paint", now); !ok {
				t.Fatalf("request %d of %d was refused", i+1, most)
			}
		}
		if ok, wait := r.Create("ada", "paint", now); ok || wait != time.Minute/time.Duration(most) {
			t.Errorf("one more than %d: %t, wait %s", most, ok, wait)
		}
		for _, other := range [][2]string{{"ada", "upscale"}, {"eve", "paint"}} {
			if ok, _ := r.Create(other[0], other[1], now); !ok {
				t.Errorf("%v was refused", other)
			}
		}
	}
	free := throttle.Rates{Creates: -1}
	for range 10 * throttle.UsualCreates {
		if ok, _ := free.Create("ada", "paint", now); !ok {
			t.Fatal("refused without a limit")
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	var l throttle.Limiter
	var passed atomic.Int64
	var all sync.WaitGroup
	now := time.Unix(0, 0)
	for range 64 {
		all.Go(func() {
			for range 10 {
				if ok, _ := l.Take("a", 100, now); ok {
					passed.Add(1)
				}
			}
		})
	}
	all.Wait()
	if passed.Load() != 100 {
		t.Errorf("%d requests passed of 100", passed.Load())
	}
}

// A flood of names must not grow the limiter, nor forget who was refused while there is room.
func TestManyNames(t *testing.T) {
	t.Parallel()
	var l throttle.Limiter
	now := time.Unix(0, 0)
	for i := range 300_000 {
		l.Take(fmt.Sprint(i), 100, now.Add(time.Duration(i)*time.Millisecond))
	}
	if ok, _ := l.Take("late", 1, now); !ok {
		t.Error("a new name was refused")
	}
}

func BenchmarkTake(b *testing.B) {
	var l throttle.Limiter
	now := time.Now()
	for b.Loop() {
		l.Take("key", 1_000_000, now)
	}
}
