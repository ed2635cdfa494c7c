// Package notify tells others what happens here: it keeps the endpoints that asked for
// events, an outbox, and a log of what was sent, and it sends.
//
// It promises that a delivery is written in the transaction of what it tells, so that
// neither is there without the other; that each is sent until it arrives, over three
// days, and so at least once, also across crashes and several processes on one database;
// that what is sent is signed as Standard Webhooks wants it; and that no address is called
// that the operator has not allowed. It keeps no order between deliveries, and decides
// nothing about tokens or jobs: it reads what was decided.
package notify

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// Config is what a service is made of.
type Config struct {
	DB  *store.DB
	Now func() time.Time
	// Private allows endpoints at private and loopback addresses, and without TLS.
	Private bool
	// Version goes into the user agent.
	Version string
	// Callback writes the body that a key's endpoint gets when a job of the key ends; nil
	// for none.
	Callback func(j *studio.Job, k *identity.Key) []byte
	// Resolver finds the addresses of names; nil for the machine's own.
	Resolver *net.Resolver
	// Timeout bounds one try, ten seconds by default.
	Timeout time.Duration
	// Client sends; nil for one that calls only what Private allows.
	Client *http.Client
	// Jitter spreads a pause by up to a tenth; nil for chance.
	Jitter func(time.Duration) time.Duration
	Log    *slog.Logger
}

// Service tells others. It is safe for concurrent use.
type Service struct {
	Config
	// listeners are the endpoints that want to hear of tokens; nil where there are none, so
	// that most commands cost one look.
	listeners atomic.Pointer[listeners]
	// version is what the listeners were read at.
	version string
	// reading lets one goroutine at a time read the listeners.
	reading sync.Mutex
	// soon is told when something was written that may be due at once.
	soon chan struct{}

	mu sync.Mutex
	// busy counts deliveries under way by endpoint and by account.
	busy map[string]int
}

// timeout bounds one try where nothing else is said.
const timeout = 10 * time.Second

// New makes a service. It tells nothing before Load, and sends nothing before Run.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Timeout <= 0 {
		c.Timeout = timeout
	}
	if c.Jitter == nil {
		c.Jitter = func(d time.Duration) time.Duration { return d*9/10 + rand.N(d/5+1) }
	}
	if c.Resolver == nil {
		c.Resolver = net.DefaultResolver
	}
	s := &Service{Config: c, soon: make(chan struct{}, 1), busy: map[string]int{}}
	if s.Client == nil {
		s.Client = s.caller()
	}
	return s
}

func (s *Service) now() calendar.Instant { return calendar.At(s.Now()) }

// newID makes an id that rises with time, as indexes like it.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// Accounts is what the service reads of a ledger, and how it lets an account's time pass.
type Accounts interface {
	Present(ctx context.Context, ids []string) ([]token.Account, error)
	Submit(ctx context.Context, req ledger.Request) (token.Receipt, error)
}

// Timing of the work in the background.
const (
	// beat is how often other processes' changes and due deliveries are looked for.
	beat = time.Second
	// commit is about how long after the writing of a row its transaction is over.
	commit = 20 * time.Millisecond
	// tidyEvery is how often what is over is removed.
	tidyEvery = 10 * time.Minute
)

// Run sends until the context ends, and returns when no try is under way any more.
func (s *Service) Run(ctx context.Context, accounts Accounts, rules func() *token.Rules) {
	var work sync.WaitGroup
	work.Go(func() { s.every(ctx, beat, nil, s.refresh) })
	work.Go(func() { s.every(ctx, beat, s.soon, func(ctx context.Context) error { return s.sendDue(ctx, &work) }) })
	work.Go(func() { s.every(ctx, tidyEvery, nil, s.Tidy) })
	work.Go(func() {
		s.every(ctx, lookBeat, nil, func(ctx context.Context) error { return s.Look(ctx, accounts, rules()) })
	})
	work.Wait()
}

// every does something again and again, at once when it is woken; a quarter sooner or
// later, so that processes don't march in step. What fails is logged and tried again.
func (s *Service) every(ctx context.Context, pause time.Duration, wake <-chan struct{}, do func(context.Context) error) {
	for ctx.Err() == nil {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("webhooks", "err", err)
		}
		timer := time.NewTimer(pause*3/4 + rand.N(pause/2))
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-wake:
			settle := time.NewTimer(commit)
			select {
			case <-ctx.Done():
			case <-settle.C:
			}
			settle.Stop()
		}
		timer.Stop()
	}
}

// nudge says that something may be due.
func (s *Service) nudge() {
	select {
	case s.soon <- struct{}{}:
	default:
	}
}
