package worker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/engine/vision/ort"
)

// modeKey turns the test's own program into a worker that behaves in the named way.
const modeKey = "FLORIN_TEST_WORKER"

func TestMain(m *testing.M) {
	if mode := os.Getenv(modeKey); mode != "" {
		os.Exit(behave(mode))
	}
	os.Exit(m.Run())
}

// echo is a runner that gives back twice its input, or does what the model's name says.
type echo struct{}

func (echo) Version() string { return "test" }

func (echo) Run(r Request) (ort.Tensor, error) {
	switch r.Model {
	case "refuse":
		return ort.Tensor{}, errors.New("no such network")
	case "crash":
		fmt.Fprintln(os.Stderr, "segmentation fault, said the library")
		os.Exit(139)
	case "hang":
		select {}
	case "toil":
		_, _ = os.NewFile(3, "begun").WriteString("toiling")
		for i := 0; i >= 0; i = (i + 1) & 0xffff {
		}
	case "greedy":
		r.Input.Data = make([]float32, 1<<28)
	case "print":
		fmt.Println("the library prints to where the answers go")
	case "garbage":
		_, _ = os.NewFile(uintptr(answersFd), "answers").WriteString(strings.Repeat("garbage ", 10))
	}
	out := ort.Tensor{Shape: r.Input.Shape, Data: make([]float32, len(r.Input.Data))}
	for i, v := range r.Input.Data {
		out.Data[i] = 2 * v
	}
	return out, nil
}

var answersFd uintptr

// behave is the worker's main.
func behave(mode string) int {
	switch mode {
	case "silent":
		select {}
	case "die":
		fmt.Fprintln(os.Stderr, "libstdc++ is missing")
		return 1
	case "noise":
		fmt.Println("Hello, I am not a worker at all.")
		return 0
	}
	answers, err := Confine(512 << 20)
	if err != nil {
		return 2
	}
	answersFd = answers.Fd()
	gone := func() { os.Exit(0) }
	if mode == "stubborn" {
		gone = func() {}
	}
	_ = Serve(os.Stdin, answers, echo{}, Used, gone)
	return 0
}

// client makes a client of workers that behave in the named way.
func client(t *testing.T, mode string) *Client {
	t.Helper()
	c := &Client{
		Command: func() *exec.Cmd {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), modeKey+"="+mode)
			return cmd
		},
		Timeout: 30 * time.Second, StartTimeout: 30 * time.Second,
	}
	t.Cleanup(c.Close)
	return c
}

func request(model string) Request {
	return Request{Model: model, Input: ort.Tensor{Shape: []int64{1, 3}, Data: []float32{1, 2, 3}}}
}

// works fails the test unless a plain call succeeds.
func works(t *testing.T, c *Client) {
	t.Helper()
	out, err := c.Run(t.Context(), request("double"))
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(out) != "{[1 3] [2 4 6]}" {
		t.Fatalf("got %v", out)
	}
}

func TestCallsAreAnswered(t *testing.T) {
	t.Parallel()
	c := client(t, "well")
	works(t, c)
	first := c.live
	works(t, c)
	if c.live != first {
		t.Error("the second call started a second worker")
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { works(t, c) })
	}
	all.Wait()
	if u := c.Used(); u.Peak == 0 {
		t.Error("nothing was said of the memory used")
	}
}

// Each kind of accident costs the call and nothing else.
func TestAccidentsCostOneCall(t *testing.T) {
	t.Parallel()
	for _, k := range []struct {
		model string
		want  error
		says  string
	}{
		{"refuse", ErrRefused, "no such network"},
		{"crash", ErrLost, "segmentation fault"},
		{"garbage", ErrLost, "garbage"},
		{"greedy", ErrLost, "memory|SIGSEGV"}, // the runtime is not always left enough to say why
	} {
		t.Run(k.model, func(t *testing.T) {
			t.Parallel()
			c := client(t, "well")
			_, err := c.Run(t.Context(), request(k.model))
			if !errors.Is(err, k.want) || !regexp.MustCompile(k.says).MatchString(err.Error()) {
				t.Errorf("got %v, want %v that says %q", err, k.want, k.says)
			}
			works(t, c)
		})
	}
}

func TestWhatTheLibraryPrintsIsNoAnswer(t *testing.T) {
	t.Parallel()
	c := client(t, "well")
	if _, err := c.Run(t.Context(), request("print")); err != nil {
		t.Fatal(err)
	}
}

func TestLateAnswersAreGivenUp(t *testing.T) {
	t.Parallel()
	c := client(t, "well")
	works(t, c)
	c.Timeout = 50 * time.Millisecond
	if _, err := c.Run(t.Context(), request("hang")); !errors.Is(err, ErrLate) {
		t.Errorf("got %v, want %v", err, ErrLate)
	}
	c.Timeout = 30 * time.Second
	works(t, c)
}

func TestCancellingKills(t *testing.T) {
	t.Parallel()
	c := client(t, "well")
	works(t, c)
	p := c.live
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := c.Run(ctx, request("hang"))
		failed <- err
	}()
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	// Whether the call had reached the worker or not, the next one finds a sane state.
	works(t, c)
	if c.live != p {
		<-p.done
	}
}

// A network at work hears nothing, so that only a signal ends it.
func TestCancellingEndsAWorkerAtWork(t *testing.T) {
	t.Parallel()
	c := client(t, "stubborn")
	begun, tell, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	plain := c.Command
	c.Command = func() *exec.Cmd {
		cmd := plain()
		cmd.ExtraFiles = []*os.File{tell}
		return cmd
	}
	works(t, c)
	p := c.live
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	failed := make(chan error, 1)
	go func() {
		_, err := c.Run(ctx, request("toil"))
		failed <- err
	}()
	if _, err := begun.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	cancel()
	const patience = time.Minute // the worker alone would go on forever
	select {
	case err := <-failed:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
	case <-time.After(patience):
		t.Fatal("the call does not come back")
	}
	select {
	case <-p.done:
	case <-time.After(patience):
		t.Fatal("the worker goes on")
	}
	works(t, c)
}

func TestWaitingForATurnEndsWithTheContext(t *testing.T) {
	t.Parallel()
	c := client(t, "well")
	works(t, c)
	c.turn <- struct{}{}
	defer func() { <-c.turn }()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Run(ctx, request("double")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestWorkersThatDoNotStart(t *testing.T) {
	t.Parallel()
	for mode, says := range map[string]string{"die": "libstdc++ is missing", "noise": "Hello", "silent": "too long"} {
		c := client(t, mode)
		if mode == "silent" {
			c.StartTimeout = 50 * time.Millisecond
		}
		err := c.Ready(t.Context())
		if !errors.Is(err, ErrStart) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want %v that says %q", mode, err, ErrStart, says)
		}
	}
	c := client(t, "well")
	c.Command = func() *exec.Cmd { return exec.Command("/nonexistent/florin") }
	if err := c.Ready(t.Context()); !errors.Is(err, ErrStart) {
		t.Errorf("got %v, want %v", err, ErrStart)
	}
}

func TestIdleWorkersAreSentHome(t *testing.T) {
	t.Parallel()
	c := client(t, "well")
	c.Idle = time.Millisecond
	works(t, c)
	if err := c.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := c.live
	c.leave() // starts the timer anew
	if p != nil {
		<-p.done
	}
	works(t, c)
}

// The end of the input ends the worker, even in the middle of a run.
func TestEndOfInputEndsTheWorker(t *testing.T) {
	t.Parallel()
	p, err := launch(client(t, "well").Command())
	if err != nil {
		t.Fatal(err)
	}
	r := request("hang")
	r.Shape = r.Input.Shape
	if err := writeFrame(p.in, r, r.Input.Data); err != nil {
		t.Fatal(err)
	}
	if err := p.in.Close(); err != nil {
		t.Fatal(err)
	}
	<-p.done
}

func TestFramesThatAreNone(t *testing.T) {
	t.Parallel()
	var good bytes.Buffer
	if err := writeFrame(&good, Reply{Number: 1}, []float32{1}); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"cut off":        good.String()[:good.Len()-1],
		"another magic":  "X" + good.String()[1:],
		"endless head":   "FLV1\xff\xff\xff\xff\x00\x00\x00\x00",
		"endless data":   "FLV1\x02\x00\x00\x00\xfc\xff\xff\xff{}",
		"half a float":   "FLV1\x02\x00\x00\x00\x03\x00\x00\x00{}123",
		"head not JSON":  "FLV1\x02\x00\x00\x00\x00\x00\x00\x00!!",
		"data that ends": "FLV1\x02\x00\x00\x00\x00\x00\x00\x07{}",
	} {
		if _, err := readReply(strings.NewReader(text)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func FuzzFrames(f *testing.F) {
	var good bytes.Buffer
	_ = writeFrame(&good, Reply{Number: 1, Shape: []int64{1}}, []float32{1})
	f.Add(good.Bytes())
	f.Fuzz(func(_ *testing.T, data []byte) {
		_, _ = readReply(bytes.NewReader(data))
		_, _ = readRequest(bytes.NewReader(data))
	})
}
