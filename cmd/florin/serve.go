package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/api"
	"github.com/florin-studio/florin/internal/api/leonardo"
	"github.com/florin-studio/florin/internal/api/throttle"
	"github.com/florin-studio/florin/internal/blob"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/notify"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
	"github.com/florin-studio/florin/web"
)

type serveCmd struct {
	Listen      string `help:"Address to listen on; port 0 picks a free one." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	Clock       string `help:"Start a virtual clock at this instant (RFC 3339), for trying things out." placeholder:"TIME"`
	RateLimit   int64  `help:"Requests a minute of each key and account; 0 is no limit." default:"2000" name:"rate-limit" placeholder:"N"`
	CreateLimit int64  `help:"Requests a minute of each account to each call of the compatible API that starts a job; 0 is no limit." default:"100" name:"create-limit" placeholder:"N"`
	PublicURL   string `help:"Base of the addresses that the API gives out; the requested one by default." name:"public-url" placeholder:"URL"`

	WebhookPrivate bool `help:"Let webhooks call private and loopback addresses, and http ones: anybody with an account can then send requests into your network." name:"webhook-private"`
}

// gcPercent lets the heap grow to five times what is alive before it is collected. What is
// alive is small (some tens of megabytes), and under many callers collecting it at each
// doubling costs the ledger up to a third of its speed. GOGC in the environment wins.
const gcPercent = 400

// Run serves until the context ends. It starts from the ground up (data, ledger,
// studio, doors) and stops in the opposite order: no new requests, jobs returned to the
// queue, ledger drained, database closed.
func (c *serveCmd) Run(s *streams) (err error) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	log := slog.New(slog.NewTextHandler(s.err, nil))
	if err := s.makeFolder(); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("can't listen on %s: %w", c.Listen, listenCause(err))
	}
	defer func() { _ = listener.Close() }()
	unlock, err := lockFolder(filepath.Join(s.Data, "florin.lock"))
	if err != nil {
		return fmt.Errorf("data folder %s: %w", s.Data, err)
	}
	defer unlock()
	b, err := s.open(true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	if err := c.setClock(s, b, log); err != nil {
		return err
	}
	rooms, err := c.build(s, b, "http://"+listener.Addr().String(), log)
	if err != nil {
		return err
	}
	if err := c.greet(s, b, listener.Addr().String()); err != nil {
		return err
	}
	go reloadOnHangup(s.ctx, s.Catalog, b, log)
	return rooms.serve(s.ctx, listener)
}

// rooms are the studio and the doors into it.
type rooms struct {
	studio   *studio.Studio
	webhooks *notify.Service
	base     *base
	door     api.Door
	log      *slog.Logger
}

// build joins studio, APIs and pages. address is where this server listens.
func (c *serveCmd) build(s *streams, b *base, address string, log *slog.Logger) (*rooms, error) {
	files, err := blob.OpenDisk(b.pictures)
	if err != nil {
		return nil, err
	}
	secret, err := b.people.Secret(s.ctx)
	if err != nil {
		return nil, err
	}
	rates := c.rates()
	compatible := leonardo.Config{Identity: b.people, PublicURL: c.PublicURL, Secret: secret, Rates: rates, Now: b.now, Log: log}
	c.setWebhooks(b, leonardo.Callback(compatible, address), log)
	st := studio.New(studio.Config{
		DB: b.db, Ledger: b.ledger, Catalog: func() *catalog.Catalog { return b.catalog.Load() }, Engines: []engine.Engine{s.builtinEngine()},
		Files: files, Secret: secret, Now: b.now, Log: log, Alone: b.db.Engine() == "sqlite",
		Ended: b.webhooks.Ended,
	})
	compatible.Studio = st
	pages, built := web.Files()
	if !built {
		pages = nil
		log.Warn("the pages have not been built; run make build, which needs Node and npm")
	}
	door := api.New(api.Config{
		Rates:  rates,
		Studio: st, Identity: b.people, Pages: pages, Version: version, Virtual: c.Clock != "", Now: b.now, Log: log,
		Reload: func() ([]string, error) { return b.reload(s.Catalog, log) },
		Models: s.modelInstaller(log), Webhooks: b.webhooks, Compatible: leonardo.New(compatible),
	})
	return &rooms{studio: st, webhooks: b.webhooks, base: b, door: door, log: log}, nil
}

// setWebhooks completes what open began, with what only a server knows.
func (c *serveCmd) setWebhooks(b *base, callback func(*studio.Job, *identity.Key) []byte, log *slog.Logger) {
	w := b.webhooks
	w.Private, w.Callback, w.Log = c.WebhookPrivate, callback, log
	b.people.CheckTarget = w.CheckTarget
	if c.WebhookPrivate {
		log.Warn("webhooks may call private addresses: anybody with an account can send requests into this network")
	}
}

// rates are the limits of all APIs together.
func (c *serveCmd) rates() *throttle.Rates {
	none := func(n int64) int64 {
		if n == 0 {
			return -1
		}
		return n
	}
	return &throttle.Rates{PerMinute: none(c.RateLimit), Creates: none(c.CreateLimit)}
}

// setClock starts the virtual clock, or goes back to the real one.
func (c *serveCmd) setClock(s *streams, b *base, log *slog.Logger) error {
	if c.Clock == "" {
		b.now = time.Now
		return b.people.SetClockOffset(s.ctx, 0)
	}
	start, err := calendar.ParseInstant(c.Clock)
	if err != nil {
		return fmt.Errorf("--clock: %w", err)
	}
	offset := time.Until(start.Time())
	b.now = func() time.Time { return time.Now().Add(offset) }
	log.Warn("the clock is virtual, for trying things out: nothing here happens in real time", "starts_at", start.String())
	return b.people.SetClockOffset(s.ctx, offset)
}

// greet prints where the studio is and, while nobody exists, the one-time link.
func (c *serveCmd) greet(s *streams, b *base, addr string) error {
	url := "http://" + addr
	if c.PublicURL != "" {
		url = c.PublicURL
	}
	out := map[string]string{"url": url, "version": version}
	needed, err := b.people.SetupNeeded(s.ctx)
	if err != nil {
		return err
	}
	if needed {
		code, err := b.people.NewSetupCode(s.ctx)
		if err != nil {
			return err
		}
		out["setup_url"] = url + "/setup?code=" + code
	}
	if s.JSON {
		return s.print(out)
	}
	_, err = fmt.Fprintf(s.out, "Florin %s\n  studio  %s\n  data    %s\n", version, url, s.Data)
	if err == nil && needed {
		_, err = fmt.Fprintf(s.out, "  first   %s\n          (this link works once and makes you the administrator)\n", out["setup_url"])
	}
	if err == nil && s.modelStore().Offer() {
		_, err = fmt.Fprint(s.out, modelOffer)
	}
	return err
}

// serve runs workers and doors until the context ends, and then stops them in order.
func (r *rooms) serve(ctx context.Context, listener net.Listener) error {
	requests, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer hangUp()
	server := &http.Server{
		Handler: r.door, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		BaseContext: func(net.Listener) context.Context { return requests }, ConnContext: r.door.ConnContext, ErrorLog: slog.NewLogLogger(r.log.Handler(), slog.LevelDebug),
	}
	working, stopWork := context.WithCancel(ctx)
	defer stopWork()
	worked := make(chan error, 1)
	go func() { worked <- r.studio.Run(working) }()
	go r.sweep(working)
	told := make(chan struct{})
	go func() {
		defer close(told)
		r.webhooks.Run(working, r.base.ledger, func() *token.Rules { return r.base.catalog.Load().Rules() })
	}()
	defer func() { stopWork(); <-told }()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case <-ctx.Done():
		r.log.Info("stopping: running jobs go back to the queue")
		err := <-worked
		hangUp() // ends the event streams, which never end by themselves
		return errors.Join(err, shut(context.WithoutCancel(ctx), server, r.door))
	case err := <-worked:
		return errors.Join(err, server.Close())
	case err := <-served:
		stopWork()
		return errors.Join(err, <-worked)
	}
}

// shutGrace is how long requests may go on that don't heed the end of their context, as
// one does whose commit must be known.
const shutGrace = 5 * time.Second

// shut waits for the requests that are under way.
func shut(ctx context.Context, server *http.Server, door api.Door) error {
	grace, cancel := context.WithTimeout(ctx, shutGrace)
	defer cancel()
	err := server.Shutdown(grace)
	if err == nil {
		err = door.Wait(grace)
	}
	if err != nil {
		return fmt.Errorf("stopping: requests were still under way after %v: %w", shutGrace, err)
	}
	return nil
}

// reloadOnHangup reads the catalog again on SIGHUP.
func reloadOnHangup(ctx context.Context, path string, b *base, log *slog.Logger) {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hup:
			_, _ = b.reload(path, log)
		}
	}
}

// reload reads the catalog file again and tells what changed; a faulty file is refused
// and the old catalog stays.
func (b *base) reload(path string, log *slog.Logger) ([]string, error) {
	if path == "" {
		log.Info("there is no catalog file to read again; the built-in catalog stays")
		return nil, nil
	}
	fresh, err := readCatalog(path)
	if err != nil {
		log.Error("the catalog was not taken; the old one stays", "err", err)
		return nil, err
	}
	changes := catalog.Diff(b.catalog.Swap(fresh), fresh)
	for _, line := range changes {
		log.Info("catalog", "change", line)
	}
	log.Info("the catalog was read again", "version", fresh.Version())
	return changes, nil
}

// listenCause says why an address can't be listened on, without repeating it.
func listenCause(err error) error {
	var op *net.OpError
	var call *os.SyscallError
	switch {
	case errors.As(err, &call):
		return call.Err
	case errors.As(err, &op):
		return op.Err
	}
	return err
}

// sweep removes files that nothing names, left by a death or by deletions elsewhere.
func (r *rooms) sweep(ctx context.Context) {
	switch n, err := r.studio.SweepFiles(ctx); {
	case err != nil && ctx.Err() == nil:
		r.log.Error("removing leftover files", "err", err)
	case n > 0:
		r.log.Info("removed leftover files", "files", n)
	}
}
