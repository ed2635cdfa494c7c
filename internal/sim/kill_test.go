package sim

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/token"
)

var kills = flag.Int("sim.kills", 4, "how often a real process under load is killed, on each database")

// lanes is how many clients a loaded process has, each with jobs of its own, one after
// the other, on accounts that they share.
const lanes = 12

// jobsTable is the caller's own table, written by Sides in the ledger's transactions.
const jobsTable = "CREATE TABLE IF NOT EXISTS sim_jobs (account TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (account, id))"

// laneAccount is the account of a lane.
func laneAccount(lane int) string { return accounts[lane%len(accounts)] }

func jobID(lane, n int) string { return fmt.Sprintf("%d-%d", lane, n) }

// settles tells whether a lane's job is settled; every third stays open.
func settles(n int) bool { return n%3 != 0 }

// prepareLoad makes the table and the accounts. It may be repeated.
func (h *house) prepareLoad() error {
	err := h.db.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, jobsTable)
		return err
	})
	if err != nil {
		return err
	}
	for _, id := range accounts {
		if _, err := h.do(id, "open", token.Open{Plan: "maestro"}); err != nil {
			return err
		}
		if _, err := h.do(id, "fill", token.MakeGrant{Kind: token.Topup, Tokens: 1 << 40}); err != nil {
			return err
		}
	}
	return nil
}

// takeJob holds a job's price and inserts its row in the same transaction.
func (h *house) takeJob(account, id string) (token.Receipt, error) {
	return h.Submit(context.Background(), ledger.Request{Account: account, Request: token.Request{At: start, Command: token.TakeHold{ID: id, Tokens: 7}},
		Side: func(ctx context.Context, tx *store.Tx, _ *token.Receipt) error {
			_, err := tx.Exec(ctx, "INSERT INTO sim_jobs (account, id) VALUES ($1, $2)", account, id)
			return err
		}})
}

// endJob settles a job and deletes its row in the same transaction.
func (h *house) endJob(account, id string) (token.Receipt, error) {
	used := int64(3)
	return h.Submit(context.Background(), ledger.Request{Account: account, Request: token.Request{At: start, Command: token.Settle{ID: id, Tokens: &used}},
		Side: func(ctx context.Context, tx *store.Tx, _ *token.Receipt) error {
			_, err := tx.Exec(ctx, "DELETE FROM sim_jobs WHERE account = $1 AND id = $2", account, id)
			return err
		}})
}

// loadWorker works until its input ends or it is killed, and prints each command that
// was acknowledged: what, lane, number, hash. Every lane begins with the job that its
// previous life may have left without an answer.
func loadWorker(out io.Writer, in *bufio.Scanner, h *house) error {
	if err := h.prepareLoad(); err != nil {
		return err
	}
	if !in.Scan() {
		return fmt.Errorf("nobody told it where to begin")
	}
	var next []int
	for _, f := range strings.Fields(in.Text()) {
		n, err := strconv.Atoi(f)
		if err != nil {
			return err
		}
		next = append(next, n)
	}
	stop := make(chan struct{})
	go func() {
		in.Scan() // the end of the input
		close(stop)
	}()
	ended := make(chan error, lanes)
	for lane := range lanes {
		go func() { ended <- h.lane(out, lane, next[lane], stop) }()
	}
	for range lanes {
		if err := <-ended; err != nil {
			return err // at once, since the others may go on until somebody kills them
		}
	}
	return nil
}

// lane does one job after the other.
func (h *house) lane(out io.Writer, lane, n int, stop <-chan struct{}) error {
	for account := laneAccount(lane); ; n++ {
		select {
		case <-stop:
			return nil
		default:
		}
		r, err := h.takeJob(account, jobID(lane, n))
		if err != nil {
			return err
		}
		// One short write to a pipe is whole or not there.
		fmt.Fprintf(out, "hold %d %d %s\n", lane, n, r.Entry.Hash)
		if !settles(n) {
			continue
		}
		if r, err = h.endJob(account, jobID(lane, n)); err != nil {
			return err
		}
		fmt.Fprintf(out, "settle %d %d %s\n", lane, n, r.Entry.Hash)
	}
}

// campaign is what the parent knows: each acknowledged command with its entry's hash.
type campaign struct {
	acknowledged map[string]string
	next         [lanes]int
	twice        int
}

// hear notes a line of the worker's.
func (c *campaign) hear(t *testing.T, line string) {
	var what, hash string
	var lane, n int
	if _, err := fmt.Sscan(line, &what, &lane, &n, &hash); err != nil || len(hash) != 64 {
		t.Errorf("the worker said %q", line)
		return
	}
	name := token.OpenedName(jobID(lane, n))
	if what == "settle" {
		name = token.EndedName(jobID(lane, n))
	}
	key := laneAccount(lane) + " " + name
	if was := c.acknowledged[key]; was != "" {
		if c.twice++; was != hash {
			t.Errorf("%s was acknowledged with two entries, %s and %s", key, was, hash)
		}
	}
	c.acknowledged[key] = hash
	c.next[lane] = n
}

// life runs a worker until it is killed, or closes it in order.
func (c *campaign) life(t *testing.T, url string, after time.Duration, kill bool) {
	w := startWorker(t, "load", url)
	var begin []string
	for _, n := range c.next {
		begin = append(begin, strconv.Itoa(n))
	}
	fmt.Fprintln(w.in, strings.Join(begin, " "))
	first := true
	for w.out.Scan() {
		c.hear(t, w.out.Text())
		if first {
			first = false
			time.AfterFunc(after, func() {
				if kill {
					w.cmd.Process.Kill()
				} else {
					w.in.Close()
				}
			})
		}
	}
	err := w.cmd.Wait()
	var exit *exec.ExitError
	if killed := errors.As(err, &exit) && !exit.Exited(); killed != kill || err != nil && !killed {
		t.Errorf("the worker ended with %v; killed: %t", err, kill)
	}
	if first {
		t.Error("the worker acknowledged nothing")
	}
}

// TestKill9 kills a real process under load, again and again, and looks what is left.
func TestKill9(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		seed := seedOf(t)
		rnd := rand.New(rand.NewPCG(seed, 9))
		c := &campaign{acknowledged: map[string]string{}}
		for range *kills {
			c.life(t, url, time.Duration(20+rnd.IntN(400))*time.Millisecond, true)
		}
		c.life(t, url, 50*time.Millisecond, false)
		h := newHouse(t, url)
		sum := h.verified(t)
		entries := c.compare(t, h)
		jobs := h.compareJobs(t)
		t.Logf("kill -9 %d times: %d commands acknowledged, %d of them asked for again in a later life, all there once; %d entries of commands, %d in all; %d open jobs, each with its hold",
			*kills, len(c.acknowledged), c.twice, entries, sum.Entries, jobs)
	})
}

// compare looks for every acknowledged command in the journals, and gives how many
// holds and settlements there are in all.
func (c *campaign) compare(t *testing.T, h *house) int {
	found, count := map[string]string{}, 0
	for _, account := range accounts {
		for after := int64(0); ; {
			entries, err := h.Journal(context.Background(), account, after, 1000)
			if err != nil {
				t.Fatal(err)
			}
			if len(entries) == 0 {
				break
			}
			for i := range entries {
				e := &entries[i]
				after = e.Seq
				name := nameOf(e)
				if name == "" {
					continue
				}
				count++
				if found[account+" "+name] != "" {
					t.Errorf("%s of %s is in the journal twice", name, account)
				}
				found[account+" "+name] = e.Hash
			}
		}
	}
	for key, hash := range c.acknowledged {
		if found[key] != hash {
			t.Errorf("%s was acknowledged with entry %s, the journal has %q", key, hash, found[key])
		}
	}
	return count
}

// nameOf is what a hold or settlement does only once.
func nameOf(e *token.Entry) string {
	c, err := token.DecodeCommand(e.Kind, e.Command)
	if e.Kind == "roll" || err != nil {
		return ""
	}
	switch c := c.(type) {
	case token.TakeHold:
		return token.OpenedName(c.ID)
	case token.Settle:
		return token.EndedName(c.ID)
	}
	return ""
}

// compareJobs checks that there is a row for every open hold and a hold for every row.
func (h *house) compareJobs(t *testing.T) int {
	rows := map[string]bool{}
	err := h.db.Read(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		q, err := tx.Query(ctx, "SELECT account, id FROM sim_jobs")
		if err != nil {
			return err
		}
		defer q.Close()
		for q.Next() {
			var account, id string
			if err := q.Scan(&account, &id); err != nil {
				return err
			}
			rows[account+" "+id] = true
		}
		return q.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	jobs := len(rows)
	for _, account := range accounts {
		a, err := h.Account(context.Background(), account, start)
		if err != nil {
			t.Fatal(err)
		}
		for i := range a.Holds {
			if key := account + " " + a.Holds[i].ID; !rows[key] {
				t.Errorf("the hold %s is open without a job", key)
			} else {
				delete(rows, key)
			}
		}
	}
	for key := range rows {
		t.Errorf("the job %s has no open hold", key)
	}
	return jobs
}
