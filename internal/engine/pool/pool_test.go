package pool

import (
	"context"
	"errors"
	"image"
	"image/color"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/florin-studio/florin/internal/engine"
)

// puppet is an engine that does what the test says.
type puppet struct {
	slots   int
	cancels bool
	run     func(ctx context.Context, task engine.Task, report engine.Report) (engine.Result, error)
	health  func(ctx context.Context) error
}

func (p *puppet) Describe() engine.Description {
	return engine.Description{ID: "puppet", Operations: []engine.Operation{engine.Generate}, Slots: p.slots, Cancels: p.cancels}
}

func (p *puppet) Run(ctx context.Context, task engine.Task, report engine.Report) (engine.Result, error) {
	return p.run(ctx, task, report)
}

func (p *puppet) Health(ctx context.Context) error {
	if p.health == nil {
		return nil
	}
	return p.health(ctx)
}

var small = engine.Task{Operation: engine.Generate, Model: "m", Width: 8, Height: 8}

func drawn(width, height int) engine.Result {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	img.Set(1, 0, color.White)
	return engine.Result{Image: img}
}

func good(context.Context, engine.Task, engine.Report) (engine.Result, error) {
	return drawn(8, 8), nil
}

// open starts a pool of one engine inside a bubble of virtual time.
func open(t *testing.T, p *puppet, o Options) *Member {
	ctx, cancel := context.WithCancel(context.Background())
	pool := New([]engine.Engine{p}, o)
	done := make(chan struct{})
	go func() { pool.Run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	synctest.Wait()
	return pool.Members()[0]
}

// pass lets virtual time pass.
func pass(d time.Duration) { <-time.After(d) }

// try runs one task in a seat of its own.
func try(t *testing.T, m *Member, task engine.Task) (engine.Result, error) {
	t.Helper()
	s, ok := m.Take()
	if !ok {
		t.Fatalf("no slot: %+v", m.Status())
	}
	defer s.Leave()
	return s.Run(context.Background(), task, nil)
}

// want fails the test unless the engine stands so.
func want(t *testing.T, m *Member, state State, free int) {
	t.Helper()
	synctest.Wait()
	if s := m.Status(); s.State != state || m.Free() != free {
		t.Fatalf("the engine is %s (%s) with %d free slots, want %s with %d", s.State, s.Reason, m.Free(), state, free)
	}
}

func TestSlotsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := open(t, &puppet{slots: 2, run: good}, Options{})
		want(t, m, Ready, 2)
		a, _ := m.Take()
		b, _ := m.Take()
		if _, ok := m.Take(); ok {
			t.Error("a third caller of two slots")
		}
		a.Leave()
		a.Leave()
		want(t, m, Ready, 1)
		b.Leave()
		want(t, m, Ready, 2)
		if _, err := try(t, m, small); err != nil || m.Loaded() != "m" || m.Status().Made != 1 {
			t.Errorf("%v; %+v", err, m.Status())
		}
	})
}

func TestAFrozenEngineIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		p := &puppet{slots: 1, cancels: true}
		p.run = func(_ context.Context, _ engine.Task, report engine.Report) (engine.Result, error) {
			report(50)
			<-free
			report(90) // nobody hears it
			return drawn(8, 8), nil
		}
		m := open(t, p, Options{Silence: time.Minute, Grace: time.Second})
		began := time.Now()
		seat, _ := m.Take()
		var heard []int
		_, err := seat.Run(t.Context(), small, func(n int) { heard = append(heard, n) })
		if engine.ClassOf(err) != engine.Broken || time.Since(began) != 61*time.Second {
			t.Fatalf("after %v: %v", time.Since(began), err)
		}
		seat.Leave()
		want(t, m, Out, 0)
		pass(10 * time.Second) // its health is good, but the slot is still taken
		want(t, m, Ready, 0)
		if s := m.Status(); s.Stuck != 1 || m.Usable() {
			t.Errorf("status %+v", s)
		}
		close(free)
		want(t, m, Ready, 1)
		if !slices.Equal(heard, []int{50}) {
			t.Errorf("heard %v", heard)
		}
	})
}

func TestProgressKeepsARunAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &puppet{slots: 1}
		p.run = func(ctx context.Context, _ engine.Task, report engine.Report) (engine.Result, error) {
			for _, percent := range []int{0, -5, 10, 10, 4, 1 << 40, 20, 100} {
				report(percent)
				pass(40 * time.Second)
			}
			return drawn(8, 8), ctx.Err()
		}
		m := open(t, p, Options{Silence: 2*time.Minute + time.Second, Grace: time.Second})
		seat, _ := m.Take()
		defer seat.Leave()
		var heard []int
		_, err := seat.Run(t.Context(), small, func(n int) { heard = append(heard, n) })
		if engine.ClassOf(err) != engine.Broken || !slices.Equal(heard, []int{0, 10}) {
			t.Fatalf("heard %v, %v: the same and absurd values are no progress", heard, err)
		}
		pass(10 * time.Minute) // it returns in the end
	})
}

func TestACancelledRunIsNobodysFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &puppet{slots: 1, cancels: true}
		p.run = func(ctx context.Context, _ engine.Task, _ engine.Report) (engine.Result, error) {
			<-ctx.Done()
			return drawn(8, 8), nil // half a picture that looks like a whole one
		}
		m := open(t, p, Options{})
		seat, _ := m.Take()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		result, err := seat.Run(ctx, small, nil)
		if engine.ClassOf(err) != engine.Cancelled || result.Image != nil {
			t.Fatalf("%v %v", result, err)
		}
		seat.Leave()
		want(t, m, Ready, 1)
	})
}

func TestAnEngineThatCannotCancelKeepsItsSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		p := &puppet{slots: 1}
		p.run = func(context.Context, engine.Task, engine.Report) (engine.Result, error) {
			<-free
			return drawn(8, 8), nil
		}
		m := open(t, p, Options{Grace: time.Second})
		seat, _ := m.Take()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := seat.Run(ctx, small, nil); engine.ClassOf(err) != engine.Cancelled {
			t.Fatal(err)
		}
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := seat.Run(ctx, small, nil); engine.ClassOf(err) != engine.Cancelled {
			t.Fatal(err)
		}
		seat.Leave()
		want(t, m, Ready, 0)
		close(free)
		want(t, m, Ready, 1)
	})
}

func TestGarbageIsAFailure(t *testing.T) {
	var none *image.RGBA
	short := image.NewRGBA(image.Rect(0, 0, 8, 8))
	short.Pix = short.Pix[:40]
	flat := image.NewRGBA(image.Rect(0, 0, 8, 8))
	for name, run := range map[string]func() (engine.Result, error){
		"nothing":       func() (engine.Result, error) { return engine.Result{}, nil },
		"a nil pointer": func() (engine.Result, error) { return engine.Result{Image: none}, nil },
		"too small":     func() (engine.Result, error) { return drawn(7, 8), nil },
		"empty":         func() (engine.Result, error) { return engine.Result{Image: image.NewRGBA(image.Rect(0, 0, 0, 0))}, nil },
		"lying":         func() (engine.Result, error) { return engine.Result{Image: short}, nil },
		"blank":         func() (engine.Result, error) { return engine.Result{Image: flat}, nil },
		"a panic":       func() (engine.Result, error) { panic("paint everywhere") },
		"cancelled":     func() (engine.Result, error) { return engine.Result{}, context.Canceled },
		"a long recipe": func() (engine.Result, error) {
			r := drawn(8, 8)
			r.Recipe = make([]byte, 1<<20)
			return r, nil
		},
		"unknown": func() (engine.Result, error) { return engine.Result{}, errors.New("EOF") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &puppet{slots: 1, run: func(context.Context, engine.Task, engine.Report) (engine.Result, error) { return run() }}
				m := open(t, p, Options{FirstProbe: time.Hour, LastProbe: time.Hour})
				for i := range 3 {
					want(t, m, Ready, 1)
					result, err := try(t, m, small)
					var e *engine.Error
					if result.Image != nil || !errors.As(err, &e) || e.Class != engine.Transient || e.Reason == "" {
						t.Fatalf("try %d: %v, %v", i, result, err)
					}
				}
				want(t, m, Out, 0)
			})
		})
	}
}

func TestAnEngineThatFailsIsProbedAndComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ill atomic.Bool
		var probes atomic.Int64
		p := &puppet{slots: 1, health: func(context.Context) error {
			probes.Add(1)
			if ill.Load() {
				return &engine.Error{Class: engine.Broken, Reason: "The graphics card fell off."}
			}
			return nil
		}}
		broken := &engine.Error{Class: engine.Broken, Reason: "Out of memory."}
		p.run = func(context.Context, engine.Task, engine.Report) (engine.Result, error) {
			return engine.Result{}, broken
		}
		m := open(t, p, Options{FirstProbe: time.Second, LastProbe: 8 * time.Second})
		ill.Store(true)
		probes.Store(0)
		if _, err := try(t, m, small); engine.ClassOf(err) != engine.Broken {
			t.Fatal(err)
		}
		want(t, m, Out, 0)
		if s := m.Status(); s.Reason != "Out of memory." || time.Until(s.NextProbe) != time.Second {
			t.Errorf("status %+v", s)
		}
		pass(time.Second + 2*time.Second + 4*time.Second + 8*time.Second + 8*time.Second)
		want(t, m, Out, 0)
		if s := m.Status(); probes.Load() != 5 || s.Reason != "The graphics card fell off." || time.Since(s.Since) != 23*time.Second {
			t.Errorf("%d probes, status %+v", probes.Load(), s)
		}
		ill.Store(false)
		pass(8 * time.Second)
		want(t, m, Ready, 1)
		p.run = func(context.Context, engine.Task, engine.Report) (engine.Result, error) {
			return engine.Result{}, errors.New("EOF")
		}
		_, _ = try(t, m, small) // on probation one is enough
		want(t, m, Out, 0)
		pass(8 * time.Second)
		want(t, m, Ready, 1)
		p.run = good
		if _, err := try(t, m, small); err != nil {
			t.Fatal(err)
		}
		p.run = func(context.Context, engine.Task, engine.Report) (engine.Result, error) {
			return engine.Result{}, errors.New("EOF")
		}
		_, _ = try(t, m, small)
		_, _ = try(t, m, small)
		want(t, m, Ready, 1)
		p.run = func(context.Context, engine.Task, engine.Report) (engine.Result, error) {
			return engine.Result{}, &engine.Error{Class: engine.Refused, Reason: "No."}
		}
		for range 5 {
			_, _ = try(t, m, small)
		}
		want(t, m, Ready, 1)
	})
}

func TestAnEngineThatIsIllAtTheStartTakesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		p := &puppet{slots: 1, run: good, health: func(ctx context.Context) error {
			if asked++; asked == 1 {
				<-ctx.Done() // and does not even answer
				pass(time.Hour)
			}
			return nil
		}}
		m := open(t, p, Options{})
		want(t, m, Starting, 0)
		pass(probePatience)
		want(t, m, Out, 0)
		pass(time.Hour + 2*time.Minute)
		want(t, m, Ready, 1)
		if asked > 5 {
			t.Errorf("it was asked %d times although it had not answered", asked)
		}
	})
}

func TestAnIdleEngineIsLookedAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ill atomic.Bool
		var changes atomic.Int64
		p := &puppet{slots: 1, run: good, health: func(context.Context) error {
			if ill.Load() {
				return errors.New("gone")
			}
			return nil
		}}
		m := open(t, p, Options{Check: time.Minute, Changed: func() { changes.Add(1) }})
		ill.Store(true)
		pass(time.Minute)
		want(t, m, Out, 0)
		if s := m.Status(); s.Reason != "It does not answer." || changes.Load() != 2 {
			t.Errorf("%d changes, %+v", changes.Load(), s)
		}
	})
}
