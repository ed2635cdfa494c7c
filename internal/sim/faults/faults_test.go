package faults

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

var (
	span = flag.Duration("faults.for", 6*time.Second, "how long faults are tried on each database")
	seed = flag.Uint64("faults.seed", 0, "seed of the faults; 0 for one from the clock")
)

// fortune is what each account is given, in tokens beyond its plan's.
const fortune = 1 << 40

// TestFaults tries faults on servers under load, lets everything come to rest, and
// counts what was lost or doubled.
func TestFaults(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		try(t, storetest.SQLite(t), 1, []string{"kill", "freeze", "garbage", "stall", "stop"})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		try(t, storetest.Postgres(t), 3, []string{"kill", "restart", "freeze", "garbage", "stall", "stop"})
	})
}

// trial is one database with servers.
type trial struct {
	t           *testing.T
	url, folder string
	dice        *rand.Rand
	servers     []*remote
	mu          sync.Mutex
	// accepted are the jobs that servers said they had taken, with their accounts.
	accepted map[string]string
	faults   map[string]int
}

// remote is a server process.
type remote struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	ready chan struct{}
	idle  chan struct{}
	ended chan error
	// last is the end of its log, complete once it ended.
	last *tail
}

func try(t *testing.T, url string, servers int, kinds []string) {
	n := *seed
	if n == 0 {
		n = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", n)
	tr := &trial{t: t, url: url, folder: t.TempDir(), dice: rand.New(rand.NewPCG(n, 0)), accepted: map[string]string{}, faults: map[string]int{}}
	before := tr.prepare()
	for range servers {
		tr.servers = append(tr.servers, tr.start())
	}
	end := time.Now().Add(*span)
	// Whatever the machine's speed, each kind is tried more than once.
	for next := 0; next < 2*len(kinds) || time.Now().Before(end); next++ {
		<-time.After(time.Duration(100+tr.dice.IntN(300)) * time.Millisecond)
		tr.fault(kinds[next%len(kinds)])
	}
	tr.settle()
	tr.judge(before)
}

// prepare opens the accounts and tells what each has.
func (tr *trial) prepare() int64 {
	s, closed, err := open(tr.url, tr.folder)
	if err != nil {
		tr.t.Fatal(err)
	}
	defer closed()
	now := calendar.At(time.Now())
	for _, id := range accounts {
		for _, r := range []token.Request{
			{Key: "open", At: now, Command: token.Open{Plan: "maestro"}},
			{Key: "fill", At: now, Command: token.MakeGrant{Kind: token.Topup, Tokens: fortune}},
		} {
			if _, err := s.Ledger.Submit(context.Background(), ledger.Request{Account: id, Request: r}); err != nil {
				tr.t.Fatal(err)
			}
		}
	}
	a, err := s.Ledger.Account(context.Background(), accounts[0], now)
	if err != nil {
		tr.t.Fatal(err)
	}
	return s.Catalog().Rules().Balance(&a)
}

// start starts a server and waits until it is ready.
func (tr *trial) start() *remote {
	tr.t.Helper()
	self, err := os.Executable()
	if err != nil {
		tr.t.Fatal(err)
	}
	r := &remote{cmd: exec.Command(self), ready: make(chan struct{}), idle: make(chan struct{}), ended: make(chan error, 1), last: &tail{}}
	r.cmd.Env = append(os.Environ(), urlVariable+"="+tr.url, folderVariable+"="+tr.folder)
	r.cmd.Stderr = io.MultiWriter(os.Stderr, r.last)
	in, err := r.cmd.StdinPipe()
	if err != nil {
		tr.t.Fatal(err)
	}
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		tr.t.Fatal(err)
	}
	r.in = in
	if err := r.cmd.Start(); err != nil {
		tr.t.Fatal(err)
	}
	go tr.hear(r, out)
	tr.t.Cleanup(func() { _ = r.cmd.Process.Kill() })
	select {
	case <-r.ready:
	case err := <-r.ended:
		tr.t.Fatalf("a server ended at its start: %v\n%s", err, r.last)
	case <-time.After(time.Minute):
		tr.t.Fatal("a server did not start within a minute")
	}
	return r
}

// hear notes what a server says, until it ends.
func (tr *trial) hear(r *remote, out io.Reader) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		switch {
		case len(words) == 3 && words[0] == "job":
			tr.mu.Lock()
			tr.accepted[words[2]] = words[1]
			tr.mu.Unlock()
		case len(words) == 1 && words[0] == "ready":
			close(r.ready)
		case len(words) == 1 && words[0] == "idle":
			close(r.idle)
		}
	}
	r.ended <- r.cmd.Wait()
}

func (r *remote) order(word string) { _, _ = fmt.Fprintln(r.in, word) }

// fault does one fault and returns when it is over, or lets it go on where others can
// come meanwhile.
func (tr *trial) fault(kind string) {
	tr.faults[kind]++
	at := tr.dice.IntN(len(tr.servers))
	r := tr.servers[at]
	switch kind {
	case "kill":
		_ = r.cmd.Process.Kill()
		<-r.ended
		tr.servers[at] = tr.start()
	case "stop": // as it likes it, in the middle of its work
		tr.stop(r)
		tr.servers[at] = tr.start()
	case "stall": // its engines answer after its leases are over
		_ = r.cmd.Process.Signal(syscall.SIGSTOP)
		<-time.After(lease + time.Duration(tr.dice.IntN(500))*time.Millisecond)
		_ = r.cmd.Process.Signal(syscall.SIGCONT)
	case "freeze":
		r.order("freeze")
		thaw := time.Duration(100+tr.dice.IntN(1500)) * time.Millisecond
		time.AfterFunc(thaw, func() { r.order("thaw") })
	case "garbage":
		r.order("garbage")
	case "restart":
		storetest.Restart(tr.t, time.Duration(tr.dice.IntN(400))*time.Millisecond)
	}
}

// stop asks a server to stop, which it must do without an error.
func (tr *trial) stop(r *remote) {
	tr.t.Helper()
	_ = r.in.Close()
	if err := <-r.ended; err != nil {
		tr.t.Errorf("a server that was asked to stop: %v\n%s", err, r.last)
	}
}

// settle lets everything come to rest and stops the servers as they like it.
func (tr *trial) settle() {
	for _, r := range tr.servers {
		r.order("quiet")
	}
	late := time.After(time.Minute)
	for _, r := range tr.servers {
		select {
		case <-r.idle:
		case err := <-r.ended:
			tr.t.Fatalf("a server ended by itself: %v\n%s", err, r.last)
		case <-late:
			tr.t.Fatal("jobs are still open a minute after the last fault")
		}
	}
	for _, r := range tr.servers {
		tr.stop(r)
	}
}

// judge counts what was lost and doubled.
func (tr *trial) judge(before int64) {
	t := tr.t
	s, closed, err := open(tr.url, tr.folder)
	if err != nil {
		t.Fatal(err)
	}
	defer closed()
	ctx := context.Background()
	sum, err := s.Ledger.Verify(ctx, "", func(d ledger.Difference) { t.Errorf("verify: %s", d) })
	if err != nil || sum.Differences > 0 {
		t.Errorf("verify: %+v %v", sum, err)
	}
	if loose, err := s.Check(ctx); err != nil || len(loose) > 0 {
		t.Errorf("holds without jobs, or jobs without holds: %v %v", loose, err)
	}
	c := tr.count(s, before)
	swept, orphans, missing := tr.files(s, c.files)
	faults := 0
	for _, n := range tr.faults {
		faults += n
	}
	report := fmt.Sprintf("%d faults %v; %d jobs accepted, %d in the database: %v, %d of them started more than once; %d pictures; lost %d, doubled %d; %d leftover files swept, %d orphans, %d missing",
		faults, tr.faults, len(tr.accepted), c.jobs, c.ends, c.again, c.pictures, c.lost, c.doubled, swept, orphans, missing)
	t.Log(report)
	fmt.Printf("%s: %s\n", t.Name(), report)
	if c.lost+c.doubled+orphans+missing > 0 {
		t.Errorf("lost %d, doubled %d, orphans %d, missing %d", c.lost, c.doubled, orphans, missing)
	}
	if c.ends[studio.Complete] == 0 || c.jobs < 10 || c.again == 0 {
		t.Errorf("this tried nothing: %v, %d started more than once", c.ends, c.again)
	}
}

// counts are what is in the database.
type counts struct {
	jobs, again, pictures, lost, doubled int
	ends                                 map[studio.Status]int
	files                                map[string]bool
}

// count looks at every job of every account.
func (tr *trial) count(s *studio.Studio, before int64) counts {
	c := counts{ends: map[studio.Status]int{}, files: map[string]bool{}}
	found := map[string]bool{}
	for _, account := range accounts {
		paid, cursor := int64(0), ""
		for {
			jobs, err := s.Jobs(context.Background(), account, cursor, 100)
			if err != nil {
				tr.t.Fatal(err)
			}
			for i := range jobs {
				found[jobs[i].ID] = true
				paid += jobs[i].Settled
				tr.countJob(&c, &jobs[i])
			}
			if len(jobs) < 100 {
				break
			}
			cursor = studio.Cursor(jobs[99].Created, jobs[99].ID)
		}
		a, err := s.Ledger.Account(context.Background(), account, calendar.At(time.Now()))
		if err != nil {
			tr.t.Fatal(err)
		}
		if left := s.Catalog().Rules().Balance(&a); left != before-paid || a.Held() != 0 {
			tr.t.Errorf("%s has %d left and %d held, having paid %d of %d", account, left, a.Held(), paid, before)
			c.doubled++
		}
	}
	for id, account := range tr.accepted {
		if !found[id] {
			tr.t.Errorf("job %s of %s was accepted and is gone", id, account)
			c.lost++
		}
	}
	return c
}

// countJob checks one job: final, with the pictures it was paid for, each of them once.
func (tr *trial) countJob(c *counts, j *studio.Job) {
	c.jobs++
	c.ends[j.Status]++
	c.pictures += len(j.Pictures)
	if j.Attempt > 1 {
		c.again++
	}
	made, owed := len(j.Pictures), int64(0)
	if made > 0 {
		owed = j.Spec.Prices[made-1]
	}
	if j.Open() || j.Status == studio.Complete && made != j.Spec.Images || j.Settled != owed {
		tr.t.Errorf("job %s is %s with %d of %d pictures for %d tokens: %s", j.ID, j.Status, made, j.Spec.Images, j.Settled, j.Reason)
		c.lost++
	}
	seen := map[string]bool{}
	for i, p := range j.Pictures {
		if p.Index != i || seen[p.File] {
			tr.t.Errorf("picture %d of job %s has the index %d; shown twice: %t", i, j.ID, p.Index, seen[p.File])
			c.doubled++
		}
		seen[p.File] = true
		c.files[p.File], c.files[p.Thumb] = true, true
	}
}

// files compares the disk with the pictures, after what was stored for nothing has been
// swept away as it is after an hour.
func (tr *trial) files(s *studio.Studio, named map[string]bool) (swept, orphans, missing int) {
	old := time.Now().Add(-2 * time.Hour)
	err := filepath.WalkDir(tr.folder, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			err = os.Chtimes(path, old, old)
		}
		return err
	})
	if err != nil {
		tr.t.Fatal(err)
	}
	if swept, err = s.SweepFiles(context.Background()); err != nil {
		tr.t.Fatal(err)
	}
	there := map[string]bool{}
	if err := s.Files.Walk(func(name string) error { there[name] = true; return nil }); err != nil {
		tr.t.Fatal(err)
	}
	for name := range there {
		if !named[name] {
			orphans++
		}
	}
	for name := range named {
		if !there[name] {
			missing++
		}
	}
	return swept, orphans, missing
}
