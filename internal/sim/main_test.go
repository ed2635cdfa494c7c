package sim

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/sqlstore"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/token"
)

// workerMode is the environment variable by which the test binary becomes a worker:
// a process of its own with a ledger on a real database.
const workerMode = "FLORIN_SIM_WORKER"

func TestMain(m *testing.M) {
	work, ok := map[string]func(io.Writer, *bufio.Scanner, *house) error{"linear": linearWorker, "load": loadWorker}[os.Getenv(workerMode)]
	if !ok {
		os.Exit(storetest.Run(m))
	}
	h, err := openHouse(os.Getenv("FLORIN_SIM_URL"))
	if err == nil {
		if err = work(os.Stdout, bufio.NewScanner(os.Stdin), h); err == nil {
			err = h.close()
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
}

// house is a ledger on a real database.
type house struct {
	*ledger.Ledger
	db *store.DB
}

func openHouse(url string) (*house, error) {
	db, err := store.Open(context.Background(), url)
	if err != nil {
		return nil, err
	}
	return &house{Ledger: ledger.New(sqlstore.New(db), rules, ledger.Options{Ahead: 1}), db: db}, nil
}

func (h *house) close() error {
	if err := h.Close(context.Background()); err != nil {
		return err
	}
	return h.db.Close()
}

// newHouse opens a database for the length of a test.
func newHouse(t *testing.T, url string) *house {
	t.Helper()
	h, err := openHouse(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return h
}

// verified fails the test on any difference that the ledger finds.
func (h *house) verified(t *testing.T) ledger.Summary {
	t.Helper()
	sum, err := h.Verify(context.Background(), "", func(d ledger.Difference) { t.Errorf("verify: %s", d) })
	if err != nil || sum.Differences > 0 {
		t.Errorf("verify: %+v, %v", sum, err)
	}
	return sum
}

// do submits a command at the instant at which all of these tests happen.
func (h *house) do(account, key string, c token.Command) (token.Receipt, error) {
	return h.Submit(context.Background(), ledger.Request{Account: account, Request: token.Request{Key: key, At: start, Command: c}})
}

// worker is a process of its own.
type worker struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

// startWorker starts the test binary again, as a worker on a database.
func startWorker(t *testing.T, mode, url string, env ...string) *worker {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(append(os.Environ(), workerMode+"="+mode, "FLORIN_SIM_URL="+url), env...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w := &worker{cmd: cmd, in: in, out: bufio.NewScanner(out)}
	w.out.Buffer(nil, 1<<20)
	return w
}
