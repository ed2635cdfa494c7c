package notify

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// What the journal tells: each event once, to those who asked for it.
func TestTheJournalTells(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r, all := receive(t), receive(t)
		own, _ := h.endpoint(t, "ada", r.URL, BalanceBelow, PaymentDisputed)
		whole, _ := h.endpoint(t, "", all.URL, Types...)
		h.open(t, "ada")
		h.open(t, "eve")
		expect := func(what string, from *receiver, want ...string) []received {
			t.Helper()
			h.send(t)
			got := from.take()
			var types []string
			for _, g := range got {
				types = append(types, g.said.Type)
			}
			if a, b := text(types), text(want); a != b {
				t.Errorf("%s: %s, want %s", what, a, b)
			}
			return got
		}
		expect("opening", all)
		h.do(t, "ada", token.Charge{ID: "1", Tokens: 50})
		expect("down to the mark", r)
		h.do(t, "ada", token.TakeHold{ID: "2", Tokens: 1})
		got := expect("below the mark", r, "balance.below")
		if len(got) == 1 {
			if d := got[0].said.Data; d["balance"] != 99.0 || d["threshold"] != 100.0 || d["account"] != "ada" || d["seq"] != 3.0 || !got[0].said.Timestamp.Equal(h.clock.now()) {
				t.Errorf("%s", got[0].body)
			}
		}
		h.do(t, "ada", token.Charge{ID: "3", Tokens: 5})
		expect("further down", r)
		h.do(t, "ada", token.Release{ID: "2"})
		h.clock.turn(24 * time.Hour)
		h.do(t, "ada", token.Charge{ID: "4", Tokens: 60})
		expect("after the reset, down again", r, "balance.below")
		expect("the installation", all, "balance.below", "balance.below")
		h.do(t, "eve", token.ChangePlan{To: "apprentice"})
		got = expect("an upgrade", all, "plan.changed")
		if d := got[0].said.Data; d["plan"] != "apprentice" || d["previous"] != "free" || d["account"] != "eve" {
			t.Errorf("%s", got[0].body)
		}
		h.do(t, "eve", token.CancelPlan{})
		h.do(t, "eve", token.MakeGrant{Kind: token.Bonus, Tokens: 5})
		expect("what nobody asked for", all)
		h.do(t, "eve", token.MakeGrant{ID: "pack", Kind: token.Topup, Tokens: 700, Source: "card"})
		got = expect("a top-up", all, "payment.received")
		if d := got[0].said.Data; d["grant"] != "pack" || d["tokens"] != 700.0 || d["source"] != "card" {
			t.Errorf("%s", got[0].body)
		}
		for _, state := range []token.DisputeState{token.DisputeOpened, token.DisputeWon, token.DisputeLost} {
			h.do(t, "eve", token.Dispute{Grant: "pack", State: state})
		}
		got = expect("disputes", all, "payment.dispute_lost", "payment.dispute_won", "payment.disputed")
		for _, g := range got {
			if g.said.Data["tokens"] != 700.0 {
				t.Errorf("%s", g.body)
			}
		}
		expect("of somebody else", r)
		// Both are gone: nothing is written any more.
		for _, e := range []Endpoint{own, whole} {
			if err := h.Delete(t.Context(), e.Account, e.ID); err != nil {
				t.Error(err)
			}
		}
		h.do(t, "ada", token.Adjust{Tokens: 100, Reason: "x", By: "y"})
		h.do(t, "ada", token.Adjust{Tokens: -100, Reason: "x", By: "y"})
		if n := h.rows(t); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

// text sorts and joins, since deliveries have no order.
func text(words []string) string {
	set := map[string]int{}
	for _, w := range words {
		set[w]++
	}
	raw, _ := json.Marshal(set)
	return string(raw)
}

// rows counts the outbox.
func (h *house) rows(t testing.TB) (n int64) {
	t.Helper()
	err := h.db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, "SELECT COUNT(*) FROM webhook_deliveries").Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// What did not happen is not told: a command whose other rows fail leaves nothing in the
// outbox, and an event that can't be written refuses its command.
func TestTheOutboxSharesTheTransaction(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		e, _ := h.endpoint(t, "ada", receive(t).URL, BalanceBelow)
		h.open(t, "ada")
		broken := errors.New("no room")
		spend := func(id string, side func(context.Context, *store.Tx, *token.Receipt) error) error {
			_, err := h.ledger.Submit(t.Context(), ledger.Request{
				Account: "ada", Request: token.Request{At: h.now(), Command: token.Charge{ID: id, Tokens: 60}}, Side: side,
			})
			return err
		}
		if err := spend("1", func(context.Context, *store.Tx, *token.Receipt) error { return broken }); !errors.Is(err, broken) || h.rows(t) != 0 {
			t.Errorf("%v, and %d rows", err, h.rows(t))
		}
		if err := h.db.Write(t.Context(), rename("webhook_deliveries", "elsewhere")); err != nil {
			t.Fatal(err)
		}
		if err := spend("2", nil); err == nil {
			t.Error("an event was lost")
		}
		if err := h.db.Write(t.Context(), rename("elsewhere", "webhook_deliveries")); err != nil {
			t.Fatal(err)
		}
		if a, err := h.ledger.Account(t.Context(), "ada", h.now()); err != nil || catalog.Default().Rules().Balance(&a) != 150 {
			t.Errorf("%+v %v", a, err)
		}
		if err := spend("3", nil); err != nil || len(h.log(t, e)) != 1 {
			t.Errorf("%v, %d deliveries", err, len(h.log(t, e)))
		}
		if err := spend("3", nil); err != nil || len(h.log(t, e)) != 1 {
			t.Errorf("the repeat: %v, %d deliveries", err, len(h.log(t, e)))
		}
	})
}

func rename(from, to string) func(context.Context, *store.Tx) error {
	return func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, "ALTER TABLE "+from+" RENAME TO "+to)
		return err
	}
}

// Many commands at once, streamed in parts: every fall is told, and none twice.
func TestManyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		e, _ := h.endpoint(t, "", receive(t).URL, BalanceBelow)
		const many = 300
		var opens, charges []ledger.Request
		for i := range many {
			account := "a" + string(rune('0'+i/100)) + string(rune('0'+i/10%10)) + string(rune('0'+i%10))
			opens = append(opens, ledger.Request{Account: account, Request: token.Request{Key: "o", At: h.now(), Command: token.Open{}}})
			for n := range 3 {
				charges = append(charges, ledger.Request{Account: account, Request: token.Request{At: h.now(), Command: token.Charge{ID: string(rune('a' + n)), Tokens: 30}}})
			}
		}
		for _, reqs := range [][]ledger.Request{opens, charges} {
			if _, errs := h.ledger.SubmitAll(t.Context(), reqs); errors.Join(errs...) != nil {
				t.Fatal(errors.Join(errs...))
			}
		}
		if n := h.rows(t); n != many {
			t.Errorf("%d falls are told, want %d", n, many)
		}
		page, err := h.Deliveries(t.Context(), "", e.ID, "", 100)
		seen := map[string]bool{}
		for err == nil && len(page) > 0 {
			for _, d := range page {
				if seen[d.Subject] {
					t.Errorf("%s is told twice, or listed twice", d.Subject)
				}
				seen[d.Subject] = true
			}
			page, err = h.Deliveries(t.Context(), "", e.ID, page[len(page)-1].ID, 100)
		}
		if err != nil || len(seen) != many {
			t.Errorf("%d are listed, %v", len(seen), err)
		}
	})
}

// Another process hears of a new endpoint when it looks, and of its end too.
func TestOtherProcessesNotice(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		other := h.beside(t)
		e, _ := h.endpoint(t, "ada", receive(t).URL, PlanChanged)
		if other.listeners.Load() != nil {
			t.Error("it knows before it looked")
		}
		if err := other.refresh(t.Context()); err != nil || len(other.listeners.Load().of("ada")) != 1 {
			t.Errorf("after a look: %+v %v", other.listeners.Load(), err)
		}
		off := false
		if _, err := h.Update(t.Context(), "ada", e.ID, Patch{Enabled: &off}); err != nil {
			t.Fatal(err)
		}
		if err := other.refresh(t.Context()); err != nil || other.listeners.Load() != nil || h.listeners.Load() != nil {
			t.Errorf("after it was disabled: %v", err)
		}
	})
}

// A command of which nobody wants to hear costs one look. Allocations are counted over
// the whole process, so nothing runs beside this.
func TestSilenceIsFree(t *testing.T) {
	s := New(Config{Now: time.Now})
	rules := catalog.Default().Rules()
	a := token.Account{ID: "ada"}
	d := token.Decision{Entries: []token.Entry{{Kind: "charge"}}}
	if n := testing.AllocsPerRun(100, func() {
		if s.Tell(rules, &a, &d) != nil {
			t.Error("somebody wants to hear")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	s.listeners.Store(&listeners{accounts: map[string][]*Endpoint{"eve": {{Events: Types}}}})
	if n := testing.AllocsPerRun(100, func() { s.Tell(rules, &a, &d) }); n != 0 {
		t.Errorf("%v allocations where others listen", n)
	}
}

// Time alone takes a balance down, ends a plan and grants: a look an hour tells, each once,
// in one of the processes.
func TestTheLook(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, everywhere := range []bool{true, false} {
			account, owner := "ada", "ada"
			if everywhere {
				account, owner = "eve", ""
			}
			r := receive(t)
			e, _ := h.endpoint(t, owner, r.URL, GrantExpiring, PlanChanged, BalanceBelow)
			rules := catalog.Default().Rules()
			other := h.beside(t)
			look := func(want ...string) []received {
				t.Helper()
				for _, s := range []*Service{h.Service, other} {
					if err := s.Look(t.Context(), h.ledger, rules); err != nil {
						t.Fatal(err)
					}
				}
				h.send(t)
				got := r.take()
				var types []string
				for _, g := range got {
					types = append(types, g.said.Type)
				}
				if a, b := text(types), text(want); a != b {
					t.Errorf("%s: %s, want %s", h.clock.now(), a, b)
				}
				return got
			}
			h.open(t, account)
			h.do(t, account, token.MakeGrant{ID: "soon", Kind: token.Bonus, Tokens: 40, Expires: calendar.At(h.clock.now().Add(80 * time.Hour))})
			h.do(t, account, token.MakeGrant{ID: "later", Kind: token.Bonus, Tokens: 40, Expires: calendar.At(h.clock.now().Add(200 * time.Hour))})
			look()
			h.clock.turn(30 * time.Minute)
			h.do(t, account, token.MakeGrant{ID: "sooner", Kind: token.Bonus, Tokens: 4, Expires: calendar.At(h.clock.now().Add(10 * time.Hour))})
			look() // within the hour nobody looks again
			h.clock.turn(time.Hour)
			if got := look("grant.expiring"); len(got) == 1 && (got[0].said.Data["grant"] != "sooner" || got[0].said.Data["tokens"] != 4.0 || got[0].said.Data["account"] != account) {
				t.Errorf("%s", got[0].body)
			}
			h.clock.turn(8 * time.Hour)
			if got := look("grant.expiring"); len(got) == 1 && got[0].said.Data["grant"] != "soon" {
				t.Errorf("%s", got[0].body)
			}
			h.do(t, account, token.Charge{ID: "spend", Tokens: 130}) // leaves 20 of the day and what expires later
			h.clock.turn(time.Hour)
			look()
			h.do(t, account, token.ChangePlan{To: "apprentice"})
			h.do(t, account, token.CancelPlan{})
			h.clock.turn(time.Hour)
			look("plan.changed")
			h.clock.turn(31*24*time.Hour - 48*time.Hour)
			look("grant.expiring") // what is left of the month's allowance
			h.clock.turn(72 * time.Hour)
			got := look("plan.changed")
			if len(got) == 1 && (got[0].said.Data["plan"] != "free" || got[0].said.Data["previous"] != "apprentice") {
				t.Errorf("%s", got[0].body)
			}
			if err := h.Tidy(t.Context()); err != nil {
				t.Error(err)
			}
			if err := h.Delete(t.Context(), owner, e.ID); err != nil {
				t.Error(err)
			}
		}
	})
}
