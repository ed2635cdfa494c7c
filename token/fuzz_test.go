package token_test

import (
	"encoding/binary"
	"errors"
	"strconv"
	"testing"

	"github.com/florin-studio/florin/token"
)

// Whatever bytes come, decoding fails or gives a command whose encoding is stable.
func FuzzDecodeCommand(f *testing.F) {
	for _, seed := range [][2]string{
		{"open", `{"plan":"free","zone":"Europe/Rome"}`},
		{"hold", `{"id":"h","tokens":40,"expires_in":1000,"feature":"hd","fast_only":true,"lines":[{"rule":"P1","text":"4 × <b>","tokens":40}]}`},
		{"charge", `{"id":"c","tokens":1}`},
		{"settle", `{"id":"h","tokens":0}`}, {"settle", `{"id":"h","tokens":null}`},
		{"release", `{"id":"\u0000"}`}, {"refund", `{"id":"h","tokens":9007199254740993}`},
		{"grant", `{"kind":"bonus","tokens":7,"starts":"2026-03-29T01:00:00Z","expires":"9999-12-31T23:59:59.999Z"}`},
		{"change_plan", `{"to":"pro"}`}, {"cancel_plan", `null`}, {"undo_plan_change", `{}}`},
		{"adjust", `{"tokens":-5,"reason":"r","by":"b"}`}, {"zone", `{"to":"UTC"}`},
		{"dispute", `{"grant":"g","state":"lost"}`}, {"redeem", `{"code":"x"}`},
		{"send_gift", `{"id":"g","to":"o","tokens":3}`},
		{"receive_gift", `{"id":"g","from":"o","parts":[{"tokens":3,"expires":"1970-01-01T00:00:00Z"}]}`},
		{"touch", `{}`}, {"touch", `{"a":1}`}, {"no", `{}`}, {"hold", `[]`},
	} {
		f.Add(seed[0], []byte(seed[1]))
	}
	r := plansOf()
	opened, _, err := r.Apply(token.Account{ID: me}, token.Request{At: when("2026-05-10 12:00"), Command: token.Open{}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name string, raw []byte) {
		c, err := token.DecodeCommand(name, raw)
		if err != nil {
			return
		}
		once := token.EncodeCommand(c)
		again, err := token.DecodeCommand(name, once)
		if err != nil {
			t.Fatalf("%s can't be read again: %v", once, err)
		}
		if twice := token.EncodeCommand(again); string(twice) != string(once) {
			t.Fatalf("%s becomes %s", once, twice)
		}
		after, entries, err := r.Apply(opened, token.Request{At: opened.At, Command: c})
		if err == nil {
			judge(t, &r, opened, after, entries)
		}
	})
}

// judge checks an outcome: a possible state, that its entries fold to, from their bytes.
func judge(t *testing.T, r *token.Rules, before, after token.Account, entries []token.Entry) {
	t.Helper()
	if err := r.Check(&after); err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		back, err := token.ParseEntry(e.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		back.Prev, back.Hash = e.Prev, token.ChainHash(before.Hash, e.Bytes())
		if before, err = token.Fold(before, &back); err != nil {
			t.Fatal(err)
		}
	}
	if encode(before) != encode(after) {
		t.Fatalf("the journal folds to another state:\n%s\n%s", encode(before), encode(after))
	}
}

// Whatever stands in an entry, folding fails or gives a state; it never panics.
func FuzzFold(f *testing.F) {
	r := plansOf()
	state, entries, err := r.Apply(token.Account{ID: me}, token.Request{At: when("2026-05-10 12:00"), Command: token.Open{Plan: "pro"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(entries[0].Bytes())
	for i, c := range []token.Command{
		token.TakeHold{ID: "h", Tokens: 40}, token.Settle{ID: "h", Tokens: amount(20)}, token.MakeGrant{ID: "g", Kind: token.Topup, Tokens: 5},
		token.TakeHold{ID: "r", Tokens: 1e6}, token.Dispute{Grant: "g", State: token.DisputeOpened}, token.CancelPlan{},
	} {
		after, entries, err := r.Apply(state, token.Request{At: state.At + token.Instant(i)*token.Instant(20*hour), Command: c})
		if err != nil {
			f.Fatal(err)
		}
		for _, e := range entries {
			f.Add(e.Bytes())
		}
		state = after
	}
	f.Add([]byte(`{"account":"me","seq":9,"grants":[{"id":"g"},{"id":"g"}],"postings":[{"grant":"g","from":"x","to":"available","tokens":9007199254740991}],"closed":["r"]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := token.ParseEntry(raw)
		if err != nil {
			return
		}
		body := e.Bytes()
		back, err := token.ParseEntry(body)
		if err != nil || string(back.Bytes()) != string(body) {
			t.Fatalf("error %v, %s becomes %s", err, body, back.Bytes())
		}
		for _, before := range []token.Account{state, {}} {
			was := encode(before)
			e.Seq, e.Prev = before.Seq+1, before.Hash
			e.At = max(e.At, before.At)
			e.Account = me
			after, err := token.Fold(before, &e)
			if encode(before) != was {
				t.Fatal("folding changed the state before")
			}
			if err == nil {
				_ = r.Check(&after)
				_ = after.AppendJSON(nil)
			}
		}
	})
}

// FuzzCommands reads a story from bytes: four for each command and its time.
func FuzzCommands(f *testing.F) {
	f.Add([]byte{0, 40, 1, 3, 1, 20, 1, 0, 2, 9, 200, 0})
	f.Add([]byte{0, 200, 2, 0, 6, 2, 0, 0, 0, 250, 3, 1, 1, 9, 255, 3, 3, 50, 10, 1})
	f.Add([]byte{5, 100, 0, 0, 0, 200, 1, 0, 9, 0, 2, 0, 1, 77, 9, 0, 9, 2, 5, 0, 4, 60, 250, 2})
	f.Add([]byte{6, 2, 0, 1, 10, 1, 30, 1, 12, 0, 0, 3, 11, 4, 250, 3, 7, 0, 250, 3, 13, 1, 1, 1, 8, 9, 9, 9})
	f.Fuzz(func(t *testing.T, story []byte) {
		r := plansOf()
		r.Promos = []token.Promo{{Code: "p1", Tokens: 30, ExpiresAfter: day}}
		b := &token.Book{}
		now := when("2026-03-28 20:00")
		for _, id := range []string{me, other} {
			if _, err := b.Submit(&r, id, token.Request{At: now, Command: token.Open{Plan: "free", Zone: "Europe/Rome"}}); err != nil {
				t.Fatal(err)
			}
		}
		story = story[:min(len(story), 400)]
		for i := 0; i+4 <= len(story); i += 4 {
			unit := []int64{1, minute, hour, 9 * day}[story[i+3]%4]
			now += token.Instant(int64(int8(story[i+2])) * unit)
			before, _ := b.Account(me)
			written := len(b.Journal(me))
			_, err := b.Submit(&r, me, token.Request{At: max(now, 1), Command: commandOf(story[i], story[i+1], i)})
			var refusal *token.Refusal
			if err != nil && !errors.As(err, &refusal) {
				t.Fatal(err)
			}
			after, _ := b.Account(me)
			judge(t, &r, before, after, b.Journal(me)[written:])
		}
	})
}

// commandOf makes a command of two bytes.
func commandOf(kind, n byte, i int) token.Command {
	id := strconv.Itoa(int(n) % 5)
	tokens := int64(binary.LittleEndian.Uint16([]byte{n, kind}))%700 + 1
	switch kind % 14 {
	case 0:
		return token.TakeHold{ID: strconv.Itoa(i / 4 % 5), Tokens: tokens, ExpiresIn: int64(n%3) * 7 * hour}
	case 1:
		return token.Settle{ID: id, Tokens: amount(tokens / 2)}
	case 2:
		return token.Release{ID: id}
	case 3:
		return token.Charge{ID: strconv.Itoa(i), Tokens: tokens}
	case 4:
		return token.Refund{ID: strconv.Itoa(i - int(n)%8*4), Tokens: tokens % 50}
	case 5:
		return token.MakeGrant{ID: "g" + id, Kind: token.DefaultOrder[int(n)%8], Tokens: tokens}
	case 6:
		return token.ChangePlan{To: []string{"free", "basic", "pro"}[n%3]}
	case 7:
		return token.CancelPlan{}
	case 8:
		return token.UndoPlanChange{}
	case 9:
		return token.Adjust{Tokens: tokens - 300, Reason: "r", By: "b"}
	case 10:
		return token.SetZone{To: zones[int(n)%len(zones)]}
	case 11:
		return token.Dispute{Grant: "g" + id, State: []token.DisputeState{token.DisputeOpened, token.DisputeWon, token.DisputeLost}[n%3]}
	case 12:
		return token.Redeem{Code: "p" + id}
	}
	return token.SendGift{ID: id, To: other, Tokens: tokens}
}
