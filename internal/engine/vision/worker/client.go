package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/florin-studio/florin/internal/engine/vision/ort"
)

// The ways in which a call fails, besides the context's end.
var (
	// ErrStart: no worker came up. The installation or the machine is at fault.
	ErrStart = errors.New("the vision worker did not start")
	// ErrLost: the worker died or talked nonsense during the call; the next call gets a new one.
	ErrLost = errors.New("the vision worker was lost")
	// ErrLate: the call took longer than Client.Timeout, and the worker was ended.
	ErrLate = errors.New("the vision worker took too long")
	// ErrRefused: the worker is well, and the network could not be loaded or run.
	ErrRefused = errors.New("the network could not be run")
)

// Client runs networks in a worker that it starts when it is needed. It is safe for
// concurrent use; calls take turns.
type Client struct {
	// Command makes the worker's command, with program, arguments and environment.
	Command func() *exec.Cmd
	// Timeout bounds one call, StartTimeout the time until a new worker says hello.
	Timeout, StartTimeout time.Duration
	// Idle is how long a worker without calls is kept.
	Idle time.Duration

	turn    chan struct{}
	turns   sync.Once
	live    *process
	number  uint64
	dismiss *time.Timer
	past    Usage
	mu      sync.Mutex // guards past
}

// process is a running worker.
type process struct {
	in     io.WriteCloser
	out    io.Reader
	kill   func()
	done   <-chan struct{} // closed when the process is gone
	stderr *words
	usage  Usage // as of its last answer
	told   Usage // how much of that is in Client.past
}

// take waits for the caller's turn.
func (c *Client) take(ctx context.Context) error {
	c.turns.Do(func() { c.turn = make(chan struct{}, 1) })
	select {
	case c.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Run runs a network once.
func (c *Client) Run(ctx context.Context, r Request) (ort.Tensor, error) {
	if err := ctx.Err(); err != nil {
		return ort.Tensor{}, err
	}
	if err := c.take(ctx); err != nil {
		return ort.Tensor{}, err
	}
	defer c.leave()
	if err := c.start(ctx); err != nil {
		return ort.Tensor{}, err
	}
	c.number++
	r.Number, r.Shape = c.number, r.Input.Shape
	var reply Reply
	err := c.within(ctx, c.Timeout, func(p *process) (err error) {
		if err := writeFrame(p.in, r, r.Input.Data); err != nil {
			return err
		}
		reply, err = readReply(p.out)
		if err == nil && reply.Number != r.Number {
			err = fmt.Errorf("%w: an answer to %d, not %d", errGarbage, reply.Number, r.Number)
		}
		return err
	})
	if err != nil {
		return ort.Tensor{}, err
	}
	c.live.usage = reply.Usage
	c.remember(c.live)
	if reply.Error != "" {
		return ort.Tensor{}, fmt.Errorf("%w: %s", ErrRefused, reply.Error)
	}
	return reply.Output, nil
}

// Ready starts the worker if there is none, so that its faults show.
func (c *Client) Ready(ctx context.Context) error {
	if err := c.take(ctx); err != nil {
		return err
	}
	defer c.leave()
	return c.start(ctx)
}

// Close ends the worker and waits until it is gone. A later call starts a new one.
func (c *Client) Close() {
	_ = c.take(context.Background())
	p := c.live
	c.drop()
	<-c.turn
	if p != nil {
		<-p.done
	}
}

// Used tells what all workers so far have used: CPU added up, the largest peak.
func (c *Client) Used() Usage {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.past
}

// remember adds what a process has used since it was last asked.
func (c *Client) remember(p *process) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.past.CPU += p.usage.CPU - p.told.CPU
	c.past.Peak = max(c.past.Peak, p.usage.Peak)
	p.told = p.usage
}

// leave ends a turn. A worker that stays gets a timer.
func (c *Client) leave() {
	if c.live != nil && c.Idle > 0 {
		p := c.live
		c.dismiss = time.AfterFunc(c.Idle, func() { c.sendHome(p) })
	}
	<-c.turn
}

// sendHome ends a worker that has been idle, unless a call has come meanwhile.
func (c *Client) sendHome(p *process) {
	select {
	case c.turn <- struct{}{}:
	default:
		return
	}
	defer func() { <-c.turn }()
	if c.live == p {
		c.drop()
	}
}

// drop lets go of the worker. It must be the caller's turn.
func (c *Client) drop() {
	if c.live == nil {
		return
	}
	_ = c.live.in.Close()
	c.live.kill()
	c.live = nil
}

// start makes sure that a worker is there. It must be the caller's turn.
func (c *Client) start(ctx context.Context) error {
	if c.dismiss != nil {
		c.dismiss.Stop()
	}
	if c.live != nil {
		select {
		case <-c.live.done: // died while nobody looked
			c.drop()
		default:
			return nil
		}
	}
	p, err := launch(c.Command())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrStart, err)
	}
	c.live = p
	err = c.within(ctx, c.StartTimeout, func(p *process) error {
		hello, err := readReply(p.out)
		if err == nil && hello.Error != "" {
			err = errors.New(hello.Error)
		}
		return err
	})
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w: %w", ErrStart, err)
	}
	return err
}

// within does one exchange with the worker, which does not survive a failed one.
func (c *Client) within(ctx context.Context, limit time.Duration, exchange func(p *process) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, ErrLate)
	defer cancel()
	p := c.live
	finished := make(chan error, 1)
	go func() { finished <- exchange(p) }()
	select {
	case err := <-finished:
		if err == nil {
			return nil
		}
		c.drop()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		<-p.done
		return fmt.Errorf("%w: %w%s", ErrLost, err, p.stderr.said())
	case <-ctx.Done():
		c.drop()
		return context.Cause(ctx)
	}
}

// readReply reads an answer with its tensor.
func readReply(out io.Reader) (Reply, error) {
	var reply Reply
	data, err := readFrame(out, &reply)
	if err != nil {
		return reply, err
	}
	reply.Output = ort.Tensor{Shape: reply.Shape, Data: data}
	if reply.Error != "" || reply.Hello != "" {
		return reply, nil
	}
	return reply, fits(reply.Output)
}

// words keeps the beginning of what a worker says on its error stream: the cause of a
// crash comes before its traces.
type words struct {
	mu   sync.Mutex
	text []byte
}

// Write takes a piece.
func (t *words) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b[:min(len(b), maxWords-len(t.text))]...)
	return len(b), nil
}

// maxWords is how much a worker's words are kept, in bytes.
const maxWords = 2 << 10

// said gives the first telling line, to go behind an error.
func (t *words) said() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	line, _, _ := strings.Cut(strings.TrimSpace(string(t.text)), "\n")
	if line == "" {
		return ""
	}
	return " (it said: " + strings.ToValidUTF8(line, "?") + ")"
}
