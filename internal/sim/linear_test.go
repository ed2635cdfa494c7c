package sim

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/token"
)

// lots is how many holds and grants of each account the clients fight over.
const lots = 40

// ask is one operation on an account, as porcupine records it.
type ask struct {
	Account string
	Op      string // hold, settle, release, grant, read
	Lot     int
}

// said is its answer.
type said struct {
	Refused  token.Reason
	Replayed bool
	Balance  int64
}

// observed is an operation with its times, in nanoseconds of the machine's clock.
type observed struct {
	Client       int
	Ask          ask
	Said         said
	Call, Return int64
}

func price(lot int) int64 { return int64(5 + lot*17%60) }

// shelf is the model's account: small, and comparable with ==.
type shelf struct {
	balance int64
	holds   [lots]byte // 0 never, o open, s settled, r released
	grants  [lots]bool
}

// model is the rules of token for these operations, written again: a hold takes its
// price or is refused (T14, T16), half of it is used, what was done is done once (T17).
var model = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		by := map[string][]porcupine.Operation{}
		for _, o := range history {
			by[o.Input.(ask).Account] = append(by[o.Input.(ask).Account], o)
		}
		var out [][]porcupine.Operation
		for _, ops := range by {
			out = append(out, ops)
		}
		return out
	},
	Init: func() any { return shelf{balance: 150} },
	Step: func(state, input, output any) (bool, any) {
		s, in := state.(shelf), input.(ask)
		want := s.step(in)
		return want == output.(said), s
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v: %+v", input, output) },
}

// step changes the shelf and gives the answer.
func (s *shelf) step(in ask) said {
	status, p := s.holds[in.Lot], price(in.Lot)
	var out said
	switch in.Op {
	case "grant":
		out.Replayed = s.grants[in.Lot]
		if !out.Replayed {
			s.grants[in.Lot], s.balance = true, s.balance+p
		}
	case "hold":
		switch {
		case status != 0:
			out.Replayed = true
		case s.balance < p:
			out.Refused = token.InsufficientTokens
		default:
			s.holds[in.Lot], s.balance = 'o', s.balance-p
		}
	case "settle", "release":
		out = s.end(in, status, p)
	}
	if out.Refused == "" || out.Refused == token.InsufficientTokens {
		out.Balance = s.balance
	}
	return out
}

func (s *shelf) end(in ask, status byte, p int64) said {
	switch {
	case status == 0:
		return said{Refused: token.UnknownHold}
	case status == in.Op[0]:
		return said{Replayed: true}
	case status != 'o':
		return said{Refused: token.HoldClosed}
	}
	s.holds[in.Lot] = in.Op[0]
	if in.Op == "settle" {
		p -= p / 2
	}
	s.balance += p
	return said{}
}

// perform does an operation on a real ledger.
func (h *house) perform(in ask) (said, error) {
	id := "h" + strconv.Itoa(in.Lot)
	used := price(in.Lot) / 2
	var r token.Receipt
	var err error
	switch in.Op {
	case "grant":
		r, err = h.do(in.Account, "g"+strconv.Itoa(in.Lot), token.MakeGrant{Kind: token.Bonus, Tokens: price(in.Lot)})
	case "hold":
		r, err = h.do(in.Account, "", token.TakeHold{ID: id, Tokens: price(in.Lot)})
	case "settle":
		r, err = h.do(in.Account, "", token.Settle{ID: id, Tokens: &used})
	case "release":
		r, err = h.do(in.Account, "", token.Release{ID: id})
	default:
		r.Account, err = h.Account(context.Background(), in.Account, start)
	}
	var refusal *token.Refusal
	if errors.As(err, &refusal) {
		return said{Refused: refusal.Reason, Balance: refusal.Balance}, nil
	}
	return said{Replayed: r.Replayed, Balance: rules().Balance(&r.Account)}, err
}

// clients has clients work at once and gives what each observed.
func (h *house) clients(seed uint64, first, clients, each int) ([]observed, error) {
	var mu sync.Mutex
	var all []observed
	var failed error
	var wait sync.WaitGroup
	for c := range clients {
		wait.Go(func() {
			rnd := rand.New(rand.NewPCG(seed, uint64(first+c)))
			for range each {
				in := ask{Account: accounts[rnd.IntN(2)], Lot: rnd.IntN(lots),
					Op: []string{"hold", "hold", "hold", "settle", "release", "grant", "read"}[rnd.IntN(7)]}
				if in.Op == "read" {
					in.Lot = 0
				}
				o := observed{Client: first + c, Ask: in, Call: time.Now().UnixNano()}
				out, err := h.perform(in)
				o.Said, o.Return = out, time.Now().UnixNano()
				mu.Lock()
				if all = append(all, o); err != nil && failed == nil {
					failed = fmt.Errorf("%+v: %w", in, err)
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	return all, failed
}

// linear checks that what was observed could have happened one after the other.
func linear(t *testing.T, history []observed) {
	t.Helper()
	ops := make([]porcupine.Operation, len(history))
	counts := map[string]int{}
	for i, o := range history {
		ops[i] = porcupine.Operation{ClientId: o.Client, Input: o.Ask, Output: o.Said, Call: o.Call, Return: o.Return}
		switch {
		case o.Said.Refused != "":
			counts["refused"]++
		case o.Said.Replayed:
			counts["replayed"]++
		default:
			counts["new or read"]++
		}
	}
	begun := time.Now()
	switch result := porcupine.CheckOperationsTimeout(model, ops, 60*time.Second); result {
	case porcupine.Ok:
		t.Logf("%d operations are linearizable per account (%v), checked in %.1f s", len(ops), counts, time.Since(begun).Seconds())
	case porcupine.Illegal:
		for _, o := range history {
			t.Logf("%d-%d client %d: %+v %+v", o.Call, o.Return, o.Client, o.Ask, o.Said)
		}
		t.Errorf("%d operations are not linearizable per account", len(ops))
	default:
		t.Errorf("the check of %d operations took longer than a minute", len(ops))
	}
}

// prepare opens the accounts that the clients use.
func prepare(t *testing.T, h *house) {
	t.Helper()
	for _, id := range accounts[:2] {
		if _, err := h.do(id, "open", token.Open{Plan: "free"}); err != nil {
			t.Fatal(err)
		}
	}
}

// seedOf is another seed each time, printed with a failure's history.
func seedOf(t *testing.T) uint64 {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return seed
}

func TestLinearizableOnSQLite(t *testing.T) {
	t.Parallel()
	for _, ledgers := range []int{1, 2} {
		t.Run(fmt.Sprintf("%d ledgers on one file", ledgers), func(t *testing.T) {
			t.Parallel()
			url, seed := storetest.SQLite(t), seedOf(t)
			houses := make([]*house, ledgers)
			for i := range houses {
				houses[i] = newHouse(t, url)
			}
			prepare(t, houses[0])
			parts := make([][]observed, ledgers)
			var wait sync.WaitGroup
			for i, h := range houses {
				wait.Go(func() {
					var err error
					if parts[i], err = h.clients(seed, i*8, 8/ledgers, 100*ledgers); err != nil {
						t.Error(err)
					}
				})
			}
			wait.Wait()
			var history []observed
			for _, p := range parts {
				history = append(history, p...)
			}
			linear(t, history)
			houses[0].verified(t)
		})
	}
}

// linearWorker is one of several processes on one database. It begins when it is told to.
func linearWorker(out io.Writer, in *bufio.Scanner, h *house) error {
	number, err := strconv.Atoi(os.Getenv("FLORIN_SIM_NUMBER"))
	if err != nil {
		return err
	}
	seed, err := strconv.ParseUint(os.Getenv("FLORIN_SIM_SEED"), 10, 64)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "ready")
	if !in.Scan() {
		return errors.New("nobody told it to begin")
	}
	history, err := h.clients(seed, number*8, 4, 80)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(history)
}

func TestLinearizableOnPostgres(t *testing.T) {
	t.Parallel()
	url, seed := storetest.Postgres(t), seedOf(t)
	h := newHouse(t, url)
	prepare(t, h)
	const processes = 3
	var workers []*worker
	for i := range processes {
		w := startWorker(t, "linear", url, fmt.Sprintf("FLORIN_SIM_NUMBER=%d", i), fmt.Sprintf("FLORIN_SIM_SEED=%d", seed))
		if !w.out.Scan() || w.out.Text() != "ready" {
			t.Fatalf("worker %d said %q", i, w.out.Text())
		}
		workers = append(workers, w)
	}
	for _, w := range workers {
		fmt.Fprintln(w.in, "go")
	}
	var history []observed
	for i, w := range workers {
		var part []observed
		if !w.out.Scan() {
			t.Errorf("worker %d ended without its history", i)
		} else if err := json.Unmarshal(w.out.Bytes(), &part); err != nil {
			t.Errorf("worker %d: %v", i, err)
		}
		history = append(history, part...)
		if err := w.cmd.Wait(); err != nil {
			t.Errorf("worker %d: %v", i, err)
		}
	}
	linear(t, history)
	h.verified(t)
}

// A check that can't fail proves nothing: each of these histories breaks a rule.
func TestLinearFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	const lot = 10 // costs 55 of the 150
	sequence := func(steps ...observed) []porcupine.Operation {
		var ops []porcupine.Operation
		for i, o := range steps {
			ops = append(ops, porcupine.Operation{Input: o.Ask, Output: o.Said, Call: int64(10 * i), Return: int64(10*i + 5)})
		}
		return ops
	}
	hold, read := ask{"ann", "hold", lot}, ask{"ann", "read", 0}
	for name, ops := range map[string][]porcupine.Operation{
		"stale read":      sequence(observed{Ask: hold, Said: said{Balance: 95}}, observed{Ask: read, Said: said{Balance: 150}}),
		"taken twice":     sequence(observed{Ask: hold, Said: said{Balance: 95}}, observed{Ask: hold, Said: said{Balance: 40}}),
		"wrongly poor":    sequence(observed{Ask: hold, Said: said{Refused: token.InsufficientTokens, Balance: 20}}),
		"closed too soon": sequence(observed{Ask: ask{"ann", "settle", lot}, Said: said{Refused: token.HoldClosed}}),
	} {
		if porcupine.CheckOperations(model, ops) {
			t.Errorf("%s is taken for linearizable", name)
		}
	}
	if ops := sequence(observed{Ask: hold, Said: said{Balance: 95}}, observed{Ask: hold, Said: said{Replayed: true, Balance: 95}}); !porcupine.CheckOperations(model, ops) {
		t.Error("a hold and its repeat are not taken for linearizable")
	}
}
