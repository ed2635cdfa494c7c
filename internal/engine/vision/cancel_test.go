//go:build linux

package vision

import (
	"context"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/models"
)

// children are the live processes that this one started, with the processor time they
// have used, in hundredths of a second.
func children(t *testing.T) map[string]int {
	t.Helper()
	found := map[string]int{}
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue // gone meanwhile
		}
		_, after, _ := strings.Cut(string(raw), ") ") // behind the name
		fields := strings.Fields(after)
		if len(fields) < 13 || fields[0] == "Z" || fields[1] != strconv.Itoa(os.Getpid()) {
			continue
		}
		used := 0
		for _, field := range fields[11:13] {
			n, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			used += n
		}
		found[filepath.Dir(file)] = used
	}
	return found
}

// TestCallingOffInsideANetwork calls off while ISNet, which takes seconds, computes. It
// does not run beside other tests, whose workers are children as well.
func TestCallingOffInsideANetwork(t *testing.T) {
	e := real(t, models.Runtime, models.ISNet)
	if left := children(t); len(left) > 0 {
		t.Fatalf("there are children before: %v", left)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		src := &engine.Source{Image: part(photo(t, "astronaut.jpg"), image.Rect(0, 0, 256, 256))}
		_, err := e.Run(ctx, engine.Task{Operation: engine.RemoveBackground, Source: src}, nil)
		ended <- err
	}()
	const busy = 100 // hundredths of a second, of some five seconds in all
	used := 0
	looks := time.NewTicker(5 * time.Millisecond) // nobody tells of a child's processor time
	defer looks.Stop()
	for used < busy {
		<-looks.C
		for _, hundredths := range children(t) {
			used = max(used, hundredths)
		}
		select {
		case err := <-ended:
			t.Fatalf("it ended before it was called off: %v", err)
		default:
		}
	}
	cancel()
	after := used
	for waiting := true; waiting; {
		for _, hundredths := range children(t) {
			after = max(after, hundredths)
		}
		select {
		case err := <-ended:
			waiting = false
			if engine.ClassOf(err) != engine.Cancelled {
				t.Errorf("got %v, want class cancelled", err)
			}
		case <-looks.C:
		}
	}
	t.Logf("the worker had used %d0 ms of the processor, and %d0 ms when it was gone", used, after)
	if after > used+busy {
		t.Errorf("the worker used %d0 ms more of the processor", after-used)
	}
	gone := func() bool { return len(children(t)) == 0 }
	for limit := time.Now().Add(time.Minute); !gone(); <-looks.C {
		if time.Now().After(limit) {
			t.Fatal(fmt.Sprint("the worker goes on: ", children(t)))
		}
	}
}
