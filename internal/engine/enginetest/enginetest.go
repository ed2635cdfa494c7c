// Package enginetest holds the tests that every engine passes.
//
// Run promises that an engine which passes keeps the contract of package engine: a sane
// description, pictures of the size asked for, the same pixels for the same task,
// progress that rises to 100, an end soon after its context ends, and failures that are
// *engine.Error with a usable class. It does not judge what the pictures show.
package enginetest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"image"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/engine"
)

// cancelBound is how soon after its context ends Run must have returned, by the clock on the
// wall. The contract says 100 ms; the rest is for a loaded machine's scheduler. Attends
// holds engines to the contract by the processor's time.
const cancelBound = 2 * time.Second

// Run tests the engines that open gives. Each part gets an engine of its own. The parts
// that paint are not run for engines that make no pictures of their own, nor the one that
// stops in the middle for engines that do not promise to.
func Run(t *testing.T, open func() engine.Engine) {
	t.Helper()
	d := open().Describe()
	paints := slices.Contains(d.Operations, engine.Generate)
	for _, part := range []struct {
		name    string
		applies bool
		test    func(*testing.T, engine.Engine)
	}{
		{"Describe", true, describe},
		{"Health", true, health},
		{"Size", paints, size},
		{"Deterministic", paints, deterministic},
		{"Progress", paints, progress},
		{"NilReport", paints, nilReport},
		{"CancelledBefore", paints, cancelledBefore},
		{"CancelledDuring", paints && d.Cancels, cancelledDuring},
		{"DeadlinePassed", paints, deadlinePassed},
		{"Concurrent", paints, concurrent},
		{"Refuses", true, refuses},
	} {
		if !part.applies {
			continue
		}
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			part.test(t, open())
		})
	}
}

// task is a small picture that any engine for Generate can make.
func task(e engine.Engine, seed int64) engine.Task {
	d := e.Describe()
	t := engine.Task{
		Operation: engine.Generate,
		Pipeline:  "default",
		Prompt:    "mountains above a lake at sunset",
		Width:     min(96, d.MaxWidth),
		Height:    min(64, d.MaxHeight),
		Seed:      seed,
	}
	if len(d.Models) > 0 {
		t.Model = d.Models[0]
	}
	return t
}

func describe(t *testing.T, e engine.Engine) {
	d := e.Describe()
	for name, value := range map[string]string{"ID": d.ID, "Name": d.Name, "Honesty": d.Honesty} {
		if value == "" || strings.TrimSpace(value) != value {
			t.Errorf("%s is %q, want a text without space around it", name, value)
		}
	}
	if len(d.Operations) == 0 {
		t.Error("no operations")
	}
	for i, op := range d.Operations {
		if op == "" || slices.Contains(d.Operations[:i], op) {
			t.Errorf("operation %q is empty or listed twice", op)
		}
	}
	if d.Slots < 1 {
		t.Errorf("Slots is %d, want at least 1", d.Slots)
	}
	if d.MaxWidth < 32 || d.MaxHeight < 32 {
		t.Errorf("largest picture is %dx%d, want at least 32x32", d.MaxWidth, d.MaxHeight)
	}
	again := e.Describe()
	if again.ID != d.ID || again.Name != d.Name || !slices.Equal(again.Operations, d.Operations) {
		t.Errorf("a second Describe differs: %+v, then %+v", d, again)
	}
}

func health(t *testing.T, e engine.Engine) {
	if err := e.Health(t.Context()); err != nil {
		t.Errorf("Health: %v", err)
	}
}

func size(t *testing.T, e engine.Engine) {
	for _, s := range []image.Point{{64, 64}, {96, 32}, {32, 96}, {40, 72}} {
		k := task(e, 7)
		k.Width, k.Height = s.X, s.Y
		r, err := e.Run(t.Context(), k, func(int) {})
		if err != nil {
			t.Fatalf("%v: %v", s, err)
		}
		if r.Image == nil || r.Image.Bounds().Size() != s {
			t.Fatalf("asked for %v, got %v", s, r.Image)
		}
		if oneColour(r.Image) {
			t.Errorf("%v: the picture is one colour", s)
		}
		if r.Seed != k.Seed {
			t.Errorf("Seed is %d, want the task's %d", r.Seed, k.Seed)
		}
	}
}

func deterministic(t *testing.T, e engine.Engine) {
	first, second := run(t, e, task(e, 42)), run(t, e, task(e, 42))
	if sum(first.Image) != sum(second.Image) {
		t.Error("the same task gave different pixels")
	}
	if first.Scene != second.Scene || !slices.Equal(first.UsedWords, second.UsedWords) {
		t.Errorf("the same task gave %q %q, then %q %q", first.Scene, first.UsedWords, second.Scene, second.UsedWords)
	}
	if other := run(t, e, task(e, 43)); sum(first.Image) == sum(other.Image) {
		t.Error("another seed gave the same pixels")
	}
}

func progress(t *testing.T, e engine.Engine) {
	var seen []int
	if _, err := e.Run(t.Context(), task(e, 1), func(p int) { seen = append(seen, p) }); err != nil {
		t.Fatal(err)
	}
	if len(seen) == 0 || seen[len(seen)-1] != 100 {
		t.Fatalf("progress %v, want it to end with 100", seen)
	}
	if !slices.IsSorted(seen) || seen[0] < 0 {
		t.Errorf("progress %v, want it to rise from 0", seen)
	}
}

func nilReport(t *testing.T, e engine.Engine) {
	if _, err := e.Run(t.Context(), task(e, 1), nil); err != nil {
		t.Errorf("without a report function: %v", err)
	}
}

func cancelledBefore(t *testing.T, e engine.Engine) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := e.Run(ctx, task(e, 1), func(int) {})
	wantClass(t, err, engine.Cancelled)
}

func cancelledDuring(t *testing.T, e engine.Engine) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var at time.Time
	k := task(e, 1)
	k.Width, k.Height = min(768, e.Describe().MaxWidth), min(768, e.Describe().MaxHeight)
	_, err := e.Run(ctx, k, func(p int) {
		if p > 0 && p < 100 && at.IsZero() {
			at = time.Now()
			cancel()
		}
	})
	if at.IsZero() {
		t.Fatalf("no progress between 0 and 100 was reported; error %v", err)
	}
	if took := time.Since(at); took > cancelBound {
		t.Errorf("Run returned %v after its context ended, want at most %v", took, cancelBound)
	}
	wantClass(t, err, engine.Cancelled)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v does not wrap context.Canceled", err)
	}
}

func deadlinePassed(t *testing.T, e engine.Engine) {
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	_, err := e.Run(ctx, task(e, 1), func(int) {})
	wantClass(t, err, engine.Cancelled)
}

func concurrent(t *testing.T, e engine.Engine) {
	const tasks = 3
	alone := make([]uint64, tasks)
	for i := range alone {
		alone[i] = sum(run(t, e, task(e, int64(i))).Image)
	}
	together := make([]uint64, tasks)
	errs := make([]error, tasks)
	slots := make(chan struct{}, e.Describe().Slots)
	var wait sync.WaitGroup
	for i := range together {
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			r, err := e.Run(t.Context(), task(e, int64(i)), func(int) {})
			if errs[i] = err; err == nil {
				together[i] = sum(r.Image)
			}
		})
	}
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(alone, together) {
		t.Error("tasks that run together gave other pixels than alone")
	}
}

func refuses(t *testing.T, e engine.Engine) {
	d := e.Describe()
	change := map[string]func(*engine.Task){
		"unknown operation": func(k *engine.Task) { k.Operation = "no_such_operation" },
		"no operation":      func(k *engine.Task) { k.Operation = "" },
	}
	if slices.Contains(d.Operations, engine.Generate) {
		change["no width"] = func(k *engine.Task) { k.Width = 0 }
		change["negative height"] = func(k *engine.Task) { k.Height = -8 }
		change["too wide"] = func(k *engine.Task) { k.Width = d.MaxWidth + 8 }
		change["too high"] = func(k *engine.Task) { k.Height = d.MaxHeight + 8 }
	}
	for name, apply := range change {
		k := task(e, 1)
		apply(&k)
		_, err := e.Run(t.Context(), k, func(int) {})
		if err == nil {
			t.Errorf("%s was accepted", name)
			continue
		}
		wantClass(t, err, engine.Refused)
	}
}

func run(t *testing.T, e engine.Engine, k engine.Task) engine.Result {
	t.Helper()
	r, err := e.Run(t.Context(), k, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func wantClass(t *testing.T, err error, want engine.Class) {
	t.Helper()
	var e *engine.Error
	if !errors.As(err, &e) {
		t.Errorf("error %v (%T) is not an *engine.Error", err, err)
		return
	}
	if e.Class != want || e.Reason == "" {
		t.Errorf("error %q has class %q, want %q and a reason", e, e.Class, want)
	}
}

func sum(img image.Image) uint64 {
	h := fnv.New64a()
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, a := img.At(x, y).RGBA()
			fmt.Fprintf(h, "%x,%x,%x,%x ", r, g, bl, a)
		}
	}
	return h.Sum64()
}

func oneColour(img image.Image) bool {
	b := img.Bounds()
	first := img.At(b.Min.X, b.Min.Y)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if img.At(x, y) != first {
				return false
			}
		}
	}
	return true
}
