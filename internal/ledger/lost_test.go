package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/token"
)

// cutter stands between a ledger and PostgreSQL and, once armed, cuts the connection at
// the next COMMIT: before or after the server has it. That is a statement of its own, or one that was prepared
// and comes behind others.
type cutter struct {
	listener net.Listener
	server   string
	armed    atomic.Bool
	deliver  bool
	wg       sync.WaitGroup
}

func newCutter(t *testing.T, server string, deliver bool) *cutter {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{listener: l, server: server, deliver: deliver}
	c.wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			c.wg.Go(func() { c.pass(conn) })
		}
	})
	t.Cleanup(func() { l.Close(); c.wg.Wait() })
	return c
}

func (c *cutter) pass(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", c.server)
	if err != nil {
		return
	}
	defer server.Close()
	var down sync.WaitGroup
	var cut atomic.Bool
	down.Go(func() {
		buf := make([]byte, 1<<16)
		for {
			n, err := server.Read(buf)
			if n > 0 && !cut.Load() {
				client.Write(buf[:n])
			}
			if err != nil {
				client.Close()
				return
			}
		}
	})
	buf := make([]byte, 1<<16)
	commit := []byte("COMMIT")
	prepared := commit
	for {
		n, err := client.Read(buf)
		if at := bytes.Index(buf[:n], []byte("\x00COMMIT\x00")); at >= 0 {
			if name := bytes.LastIndex(buf[:at], []byte("stmtcache_")); name >= 0 {
				prepared = bytes.Clone(buf[name:at])
			}
		}
		if n > 0 && (bytes.Contains(buf[:n], commit) || bytes.Contains(buf[:n], prepared)) && c.armed.CompareAndSwap(true, false) {
			cut.Store(true)
			if c.deliver {
				server.Write(buf[:n])
				server.(*net.TCPConn).CloseWrite() // the server finishes, and nobody hears of it
			} else {
				server.Close()
			}
			client.Close()
			break
		}
		if n > 0 {
			server.Write(buf[:n])
		}
		if err == io.EOF || err != nil {
			server.Close()
			break
		}
	}
	down.Wait()
}

// A connection that is cut at a commit: whether or not the server had it, the command
// is applied once and the caller gets its receipt. So it is where the commit comes with what is written, and
// where it comes later, since that something was refused, which has to be confirmed.
func TestT32ConnectionCutAtCommit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ deliver, refused bool }{
		"after the server has it": {true, false}, "before": {false, false},
		"after the server has it alone": {true, true}, "before it has it alone": {false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			direct := storetest.Postgres(t)
			u, err := url.Parse(direct)
			if err != nil {
				t.Fatal(err)
			}
			cut := newCutter(t, u.Host, c.deliver)
			u.Host = cut.listener.Addr().String()
			h := newHouse(t, u.String())
			open(t, h.Ledger, "ann")
			open(t, h.Ledger, "bob")
			reqs := []ledger.Request{ask("ann", "k", noon, token.TakeHold{ID: "h", Tokens: 10})}
			if c.refused {
				reqs = append(reqs, ask("bob", "k", noon, token.TakeHold{ID: "h", Tokens: 1000001}))
			}
			cut.armed.Store(true)
			receipts, errs := h.SubmitAll(t.Context(), reqs)
			r := receipts[0]
			if errs[0] != nil || r.Replayed || r.Entry == nil || r.Entry.Seq != 2 || cut.armed.Load() {
				t.Errorf("receipt %+v, %v", r, errs[0])
			}
			var refusal *token.Refusal
			if c.refused && (!errors.As(errs[1], &refusal) || refusal.Reason != token.InsufficientTokens) {
				t.Errorf("bob's error is %v", errs[1])
			}
			if again := must(t, h.Ledger, reqs[0]); !again.Replayed || again.Entry.Hash != r.Entry.Hash {
				t.Errorf("repeat %+v", again)
			}
			if got := balance(t, h.Ledger, "ann", noon); got != 1000000-10 {
				t.Errorf("balance %d", got)
			}
			verified(t, h.Ledger)
		})
	}
}

// An account's row that is not what it was when it is written again, since somebody put an old one back: the entries
// are committed by the time that this is known. Every command that was acknowledged is there once all the same, and then
// the account is given up until somebody has looked.
func TestT31RowWasPutBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.Postgres(t))
	open(t, h.Ledger, "ann")
	write := func(sql string) {
		t.Helper()
		err := h.db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, sql)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	charge := func() error {
		r, err := h.Submit(t.Context(), ask("ann", "", noon, token.Charge{ID: id("c", n), Tokens: 1}))
		if err == nil {
			if n++; r.Replayed || r.Entry.Seq != int64(n+1) {
				t.Errorf("charge %d: %+v", n, r.Entry)
			}
		}
		return err
	}
	write("CREATE TABLE old AS SELECT * FROM accounts")
	for range 20 {
		if err := charge(); err != nil {
			t.Fatal(err)
		}
	}
	write("UPDATE accounts SET seq = old.seq, at = old.at, state = old.state, hash = old.hash, tail = old.tail FROM old WHERE accounts.id = old.id")
	var err error
	for err == nil && n < 60 {
		err = charge()
	}
	if !errors.Is(err, ledger.ErrConflict) || n <= 20 {
		t.Errorf("after %d charges: %v", n, err)
	}
	if got := entriesOf(t, h.db, "ann"); got != int64(n+1) {
		t.Errorf("%d entries after %d charges", got, n)
	}
}
