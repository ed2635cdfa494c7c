package ledger_test

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/token"
)

// cutter stands between a ledger and PostgreSQL and, once armed, cuts the connection at
// the next COMMIT: before or after the server has it.
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
	for {
		n, err := client.Read(buf)
		if n > 0 && bytes.Contains(buf[:n], []byte("COMMIT")) && c.armed.CompareAndSwap(true, false) {
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
// is applied once and the caller gets its receipt.
func TestT32ConnectionCutAtCommit(t *testing.T) {
	t.Parallel()
	for name, deliver := range map[string]bool{"after the server has it": true, "before": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			direct := storetest.Postgres(t)
			u, err := url.Parse(direct)
			if err != nil {
				t.Fatal(err)
			}
			c := newCutter(t, u.Host, deliver)
			u.Host = c.listener.Addr().String()
			h := newHouse(t, u.String())
			open(t, h.Ledger, "ann")
			c.armed.Store(true)
			r := must(t, h.Ledger, ask("ann", "k", noon, token.TakeHold{ID: "h", Tokens: 10}))
			if r.Replayed || r.Entry == nil || r.Entry.Seq != 2 || c.armed.Load() {
				t.Errorf("receipt %+v", r)
			}
			if again := must(t, h.Ledger, ask("ann", "k", noon, token.TakeHold{ID: "h", Tokens: 10})); !again.Replayed || again.Entry.Hash != r.Entry.Hash {
				t.Errorf("repeat %+v", again)
			}
			if got := balance(t, h.Ledger, "ann", noon); got != 1000000-10 {
				t.Errorf("balance %d", got)
			}
			verified(t, h.Ledger)
		})
	}
}
