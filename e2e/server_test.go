package e2e

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait; a healthy run needs a small part of it.
const patience = 2 * time.Minute

// server is a running `florin serve`.
type server struct {
	URL      string `json:"url"`
	SetupURL string `json:"setup_url"`
	Data     string `json:"-"`

	cmd   *exec.Cmd
	ended chan struct{}
	mu    sync.Mutex
	said  strings.Builder
}

// serve starts a server on a free port and returns when it has told its address.
func serve(t *testing.T, data string, more ...string) *server {
	t.Helper()
	s := tryServe(t, data, more...)
	if s == nil {
		t.Fatal("the server did not start")
	}
	return s
}

// tryServe is serve where the server may also end with one clear line and exit code 1;
// then there is none.
func tryServe(t *testing.T, data string, more ...string) *server {
	t.Helper()
	s := &server{Data: data, ended: make(chan struct{})}
	s.cmd = prepare(t, nil, append([]string{"serve", "--listen", "127.0.0.1:0", "--data", data, "--json"}, more...)...)
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	s.cmd.Stdout, s.cmd.Stderr = in, s
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = in.Close()
	go func() {
		_ = s.cmd.Wait()
		close(s.ended)
	}()
	t.Cleanup(func() { s.stop(t, syscall.SIGKILL) })
	if err := out.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if errors.Is(err, io.EOF) {
		<-s.ended
		oneLine(t, "starting", result{s.cmd.ProcessState.ExitCode(), string(line), s.log()}, "florin: ")
		t.Logf("no server: %s", s.log())
		return nil
	}
	if err != nil {
		t.Fatalf("the server told no address (%v):\n%s", err, s.log())
	}
	if err := json.Unmarshal(line, s); err != nil {
		t.Fatalf("the server told %q: %v", line, err)
	}
	return s
}

// Write keeps what the server says on standard error.
func (s *server) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.Write(p)
}

func (s *server) log() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.String()
}

// stop signals the server and gives its exit code (-1 after a kill) when it has ended.
func (s *server) stop(t *testing.T, sig syscall.Signal) int {
	t.Helper()
	_ = s.cmd.Process.Signal(sig)
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case <-s.ended:
		return s.cmd.ProcessState.ExitCode()
	case <-limit.C:
		_ = s.cmd.Process.Kill()
		t.Fatalf("the server did not end after %v:\n%s", sig, s.log())
		return 0
	}
}

// person is somebody with a key, seen through commands and HTTP.
type person struct {
	email, key string
	client
}

// newPerson adds somebody on the command line, beside the running server.
func (s *server) newPerson(t *testing.T, email, plan string) *person {
	t.Helper()
	return s.newPersonAt(t, email, plan, nil)
}

// newPersonAt is newPerson where more settings name the database.
func (s *server) newPersonAt(t *testing.T, email, plan string, more []string) *person {
	t.Helper()
	must(t, append([]string{"user", "create", "--data", s.Data, "--email", email, "--password", "correct horse", "--plan", plan}, more...)...)
	key := strings.TrimSpace(must(t, append([]string{"key", "create", "--data", s.Data, "--user", email, "--scopes", "read,generate,admin"}, more...)...))
	return &person{email, key, client{base: s.URL, key: key}}
}

// at is the same person at a server that was started again.
func (p *person) at(s *server) *person {
	return &person{p.email, p.key, client{base: s.URL, key: p.key}}
}

// purse is what `florin balance` tells.
type purse struct {
	Balance int64 `json:"balance"`
	Held    int64 `json:"held"`
}

func (s *server) purse(t *testing.T, p *person) purse {
	t.Helper()
	var b purse
	if err := json.Unmarshal([]byte(must(t, "balance", "--json", "--data", s.Data, "--user", p.email)), &b); err != nil {
		t.Fatal(err)
	}
	return b
}

// verify runs `florin ledger verify` over the server's data.
func (s *server) verify(t *testing.T) {
	t.Helper()
	if r := command(t, "ledger", "verify", "--data", s.Data); r.code != 0 {
		t.Errorf("florin ledger verify: exit code %d\n%s%s", r.code, r.out, r.err)
	}
}
