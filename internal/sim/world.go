package sim

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/token"
)

// world is one simulated run. Its goroutine is the scheduler: everybody else waits for
// a turn, so that only one goes on at a time.
type world struct {
	rnd     *rand.Rand
	profile profile
	db      *database
	rules   *token.Rules
	procs   []*process
	clients []*client
	// late has transactions whose process got no answer and whose commit is still to come.
	late   []*tx
	events chan event
	owed   int
	// starting counts calls that neither wait nor have returned; reading those inside a read.
	starting, reading int
	now               token.Instant
	ops               []*op
	past              map[string]*past
	outcomes          map[string]*outcomes
	calls             int
	// answers are what has returned and is not checked yet.
	answers []*call
	sum     Summary
	digest  uint64
	trace   func(string)
	failed  string
}

// event is what the system tells the scheduler.
type event struct {
	what  eventKind
	fiber *fiber
	node  *node
	call  *call
	err   error
}

type eventKind int

const (
	parked   eventKind = iota // a fiber waits for its turn
	began                     // a Write begins
	wrote                     // a Write returns to the ledger
	queued                    // a call's commands are in the ledger's queue
	returned                  // a call has its answer
	closed                    // a process's ledger has ended
	decided                   // a ledger has decided what it can of the commit after the one that it writes
	buried                    // a killed process's ledger has ended
)

func newWorld(seed uint64, trace func(string)) *world {
	w := &world{
		rnd: rand.New(rand.NewPCG(seed, 0x466c6f72696e)), rules: rules(),
		events: make(chan event, 256), now: start, trace: trace,
		past: map[string]*past{}, outcomes: map[string]*outcomes{}, digest: fnvStart,
	}
	w.profile = newProfile(w.rnd)
	w.profile.hasten(rand.New(rand.NewPCG(seed, 0x6561726c79)))
	w.profile.lag(rand.New(rand.NewPCG(seed, 0x6c6167)))
	w.db = newDatabase(w.profile.rowLag)
	for i := range w.profile.processes {
		p := &process{name: fmt.Sprintf("p%d", i+1)}
		w.procs = append(w.procs, p)
		w.boot(p)
	}
	for i := range w.profile.clients {
		w.clients = append(w.clients, &client{name: fmt.Sprintf("c%d", i+1)})
	}
	return w
}

// boot starts a process over the durable rows.
func (w *world) boot(p *process) {
	p.lives++
	p.options = w.profile.options
	p.node = newNode(w, p)
	p.options.Decided = func() { p.node.tell(event{what: decided, node: p.node}) }
	p.ledger = ledger.New(p.node, func() *token.Rules { return w.rules }, p.options)
	p.up, p.closing, p.queue, p.batches, p.turn, p.ahead, p.all, p.early = true, false, nil, nil, nil, nil, 0, false
	p.sent, p.aheads, p.decided = nil, 0, 0
}

const fnvStart = 14695981039346656037

// note adds a line to the run's digest, and to its trace where somebody reads it.
func (w *world) note(format string, args ...any) {
	h := fnv.New64a()
	line := fmt.Sprintf(format, args...)
	h.Write([]byte(line))
	w.digest = (w.digest ^ h.Sum64()) * 1099511628211
	if w.trace != nil {
		w.trace(line)
	}
}

// fail notes the first thing that is wrong.
func (w *world) fail(format string, args ...any) {
	if w.failed == "" {
		w.failed = fmt.Sprintf(format, args...)
		w.note("FAILED: %s", w.failed)
	}
}

// A run is stuck when nothing at all happens for so many ticks in a row. They are counted, since a
// process that stands still, as one does whose machine is busy, should not look stuck when it goes on.
const (
	tick     = 20 * time.Millisecond
	patience = 250
)

// next waits for an event.
func (w *world) next() (event, bool) {
	select {
	case e := <-w.events:
		return e, true
	default:
	}
	timer := time.NewTicker(tick)
	defer timer.Stop()
	for range patience {
		select {
		case e := <-w.events:
			return e, true
		case <-timer.C:
		}
	}
	w.fail("the run is stuck: a command is never answered, or a batch never taken")
	return event{}, false
}

// settle waits until everybody waits for a turn or for a client, or something is wrong.
func (w *world) settle() {
	for w.failed == "" && !w.quiet() {
		e, ok := w.next()
		if !ok {
			return
		}
		w.dispatch(e)
	}
	// Those answered at once return in any order.
	slices.SortFunc(w.answers, func(x, y *call) int { return x.number - y.number })
	for _, c := range w.answers {
		w.answered(c)
	}
	w.answers = w.answers[:0]
	for _, p := range w.procs {
		if len(p.ahead) > 0 {
			w.fail("%s writes though nothing is queued", p.name)
		}
	}
}

func (w *world) quiet() bool {
	if w.owed > 0 || w.starting > 0 || w.reading > 0 {
		return false
	}
	for _, p := range w.procs {
		if p.up && !p.rests() {
			return false
		}
	}
	return true
}

func (w *world) dispatch(e event) {
	switch e.what {
	case began, parked, wrote:
		if p := e.node.process; e.fiber.call != nil {
			w.reading--
			p.readers = append(p.readers, e.fiber)
		} else if !w.meet(e.fiber) {
			p.ahead = append(p.ahead, e)
		} else if e.fiber.parked = e.what == parked; e.what == wrote {
			w.wrote(e)
		} else if e.what == parked && e.fiber.point == atCommit {
			w.sent(e.fiber.batch)
		}
	case decided:
		e.node.process.decided++
	case queued:
		w.queued(e.call)
	case returned:
		w.returned(e.call)
	case closed:
		if w.gone(e.node) {
			return // killed while it was closing
		}
		p := e.node.process
		p.up, p.closing = false, false
		w.note("%s: closed", p.name)
	}
}

// wrote follows a Write that returns to the ledger.
func (w *world) wrote(e event) {
	p, b := e.node.process, e.fiber.batch
	w.note("%s: write returns %v", p.name, e.err)
	if errors.Is(e.err, ledger.ErrConflict) {
		w.sum.Conflicts++
	}
	b.fiber = nil
	for _, it := range b.items {
		it.call.silenced = it.call.silenced || errors.Is(e.err, ledger.ErrUnknown)
	}
	if !b.again(e.err) {
		w.finish(b)
	}
}

// queued follows what the queue had room for.
func (w *world) queued(c *call) {
	if c.state != starting {
		return
	}
	p := c.process
	n := min(len(c.items), p.options.Queue-len(p.queue))
	if p.closing {
		n = 0
	}
	own := !c.together && p.turn == nil && len(p.queue) == 0
	p.queue = append(p.queue, c.items[:n]...)
	c.left = n
	w.starting--
	c.state = waiting
	if n == 0 {
		w.owe(c)
	}
	w.begin(p, own)
}

func (w *world) owe(c *call) {
	c.state = owed
	w.owed++
}

func (w *world) returned(c *call) {
	switch c.state {
	case starting:
		w.starting--
	case owed:
		w.owed--
	case inRead:
		w.reading--
	default:
		if !c.lost {
			w.fail("%s returned before its batch was written", c)
		}
	}
	c.state = over
	c.client.call = nil
	w.answers = append(w.answers, c)
}
