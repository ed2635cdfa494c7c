package ledger

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/florin-studio/florin/token"
)

// MostAtOnce is how many commands one transaction takes where the options do not say: beyond
// some hundreds it is not cheaper for each of them, and those who come next can queue
// meanwhile.
const MostAtOnce = 512

// Options are what may be tuned; zero values stand for the defaults.
type Options struct {
	// Queue is how many commands may wait, default 8192.
	Queue int
	// Batch is how many commands one transaction takes at most, default MostAtOnce.
	Batch int
	// Ahead is how many commands have to wait to be decided and written while the commit
	// before is still on its way to the disk, default 16: fewer are cheaper together with those
	// that come meanwhile.
	Ahead int
	// Cache is how many accounts are kept in memory, default 65536.
	Cache int
	// RetryAfter is what callers are told when the queue is full, default one second.
	RetryAfter time.Duration
	// Patience is how long the outcome of a lost commit is looked for, default 30 seconds.
	Patience time.Duration
	// Tell hears of everything that is decided; nil for nobody.
	Tell Tell
	// Decided is called when commands were decided, as far as they could be, while the commit before them was still being
	// written; nil for nothing. It is for those who follow a ledger step by step.
	Decided func()
}

func (o Options) filled() Options {
	fill := func(v *int, n int) {
		if *v <= 0 {
			*v = n
		}
	}
	fill(&o.Queue, 8192)
	fill(&o.Batch, MostAtOnce)
	fill(&o.Ahead, 16)
	fill(&o.Cache, 65536)
	if o.RetryAfter <= 0 {
		o.RetryAfter = time.Second
	}
	if o.Patience <= 0 {
		o.Patience = 30 * time.Second
	}
	return o
}

// Ledger keeps accounts. It is safe for concurrent use.
type Ledger struct {
	store   Store
	rules   func() *token.Rules
	options Options
	queue   queue
	cache   *cache
	flights flights
	// turn is full while somebody decides and writes.
	turn chan struct{}
	// baton is with the committer that decides next; true tells that the turn goes with it.
	baton chan bool
	// before is the batch that was sent to the store and is not seen yet, for the one that has the turn next.
	before *before
	// under is how many commands are in commits under way, and all how many were under way
	// or waiting when one was written last.
	under atomic.Int64
	all   atomic.Int64
	// early tells that the store lets a commit begin while the one before waits for the disk.
	early atomic.Bool
	// life ends when Close gives up waiting.
	life    context.Context
	end     context.CancelFunc
	drained chan struct{}
}

// New starts a ledger on a store. rules is asked once a batch, so that a catalog may be
// exchanged at run time (T25).
func New(s Store, rules func() *token.Rules, options Options) *Ledger {
	options = options.filled()
	l := &Ledger{
		store: s, rules: rules, options: options,
		cache:   newCache(options.Cache),
		flights: newFlights(),
		turn:    make(chan struct{}, 1),
		baton:   make(chan bool, 1),
		drained: make(chan struct{}),
	}
	l.queue.open(options.Queue)
	l.life, l.end = context.WithCancel(context.Background())
	go l.commits()
	return l
}

// Submit applies a command and returns when it is durable. The error is a
// *token.Refusal where the account's state says no, a *token.Invalid where the command
// is malformed, *Busy where too many wait, the Side's own error, or a failure of the
// store. A context that ends before the command is taken into a batch removes it;
// after that its answer is awaited.
func (l *Ledger) Submit(ctx context.Context, req Request) (token.Receipt, error) {
	if err := req.check(); err != nil {
		return token.Receipt{}, err
	}
	l.warm(ctx, req.Account)
	g := newGroup(1)
	it := &item{req: &req, group: g}
	if l.lead(ctx, it) {
		return it.receipt, it.err
	}
	n, err := l.queue.put([]*item{it})
	switch {
	case err != nil:
		return token.Receipt{}, err
	case n == 0:
		return token.Receipt{}, &Busy{RetryAfter: l.options.RetryAfter}
	}
	select {
	case <-g.done:
	case <-ctx.Done():
		if it.withdraw(ctx) {
			return token.Receipt{}, it.err
		}
		<-g.done
	}
	return it.receipt, it.err
}

// SubmitAll applies many commands, in order for each account and in as few commits as
// possible. Each has its own receipt or error; one's error does not touch the others.
// When the queue fills up, the commands from there on are Busy.
func (l *Ledger) SubmitAll(ctx context.Context, reqs []Request) ([]token.Receipt, []error) {
	receipts, errs := make([]token.Receipt, len(reqs)), make([]error, len(reqs))
	all, items := make([]item, len(reqs)), make([]*item, 0, len(reqs))
	places := make([]int, 0, len(reqs))
	for i := range reqs {
		if errs[i] = reqs[i].check(); errs[i] == nil {
			all[i].req = &reqs[i]
			items = append(items, &all[i])
			places = append(places, i)
		}
	}
	if len(items) == 0 {
		return receipts, errs
	}
	g := newGroup(len(items))
	for _, it := range items {
		it.group = g
	}
	n, err := l.queue.put(items)
	for _, it := range items[n:] {
		if it.err = err; err == nil {
			it.err = &Busy{RetryAfter: l.options.RetryAfter}
		}
		g.answered()
	}
	select {
	case <-g.done:
	case <-ctx.Done():
		for _, it := range items[:n] {
			if it.withdraw(ctx) {
				g.answered()
			}
		}
		<-g.done
	}
	for i, it := range items {
		receipts[places[i]], errs[places[i]] = it.receipt, it.err
	}
	return receipts, errs
}

// Transfer gives tokens to another account: both accounts change or neither (T27).
// The request carries key and time; its command is send.
func (l *Ledger) Transfer(ctx context.Context, from string, send token.SendGift, req token.Request) (token.Receipt, error) {
	req.Command = send
	return l.Submit(ctx, Request{Account: from, Request: req})
}

// Close takes no more commands and waits until those that were taken are answered. When
// the context ends first, what is under way is broken off and nothing more is begun.
func (l *Ledger) Close(ctx context.Context) error {
	l.queue.close()
	defer l.end()
	select {
	case <-l.drained:
		return nil
	case <-ctx.Done():
		l.end()
		<-l.drained
		return ctx.Err()
	}
}
