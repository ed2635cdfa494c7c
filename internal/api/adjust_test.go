package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/identity"
)

// previewed is a preview's answer; its other members would be those of a receipt.
type previewed struct {
	Balance int64
	After   int64 `json:"balance_after"`
	Changes []struct {
		Grant, Kind string
		Tokens      int64
	}
	Receipt json.RawMessage
}

func (s *shop) preview(t *testing.T, account, body string, headers ...string) (previewed, said) {
	t.Helper()
	got := s.want(t, 200, "POST", account+"/adjustments", body, headers...)
	var p previewed
	if err := json.Unmarshal(got.Raw, &p); err != nil {
		t.Fatal(err)
	}
	if p.Receipt != nil || got.Header.Get("Idempotency-Key") != "" || strings.Contains(string(got.Raw), "hash") {
		t.Errorf("a preview poses as written: %s, key %q", got.Raw, got.Header.Get("Idempotency-Key"))
	}
	return p, got
}

// An adjustment can be looked at before it is written (T28), and looking leaves no trace.
func TestT28AdjustmentsArePreviewed(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		a := s.account(t, "ada")
		s.want(t, 201, "POST", a+"/grants", `{"tokens":500,"source":"welcome"}`, "Idempotency-Key", "g1")
		before := s.want(t, 200, "GET", a+"/journal", "")
		p, got := s.preview(t, a, `{"tokens":-200,"reason":"typo","operator":"ops","preview":true}`, "Idempotency-Key", "a1")
		if p.Balance != 650 || p.After != 450 || len(p.Changes) != 2 || p.Changes[0].Kind != "daily" || p.Changes[0].Tokens != -150 ||
			p.Changes[1].Grant != "bonus-g1" || p.Changes[1].Tokens != -50 {
			t.Errorf("%s", got.Raw)
		}
		if p, got := s.preview(t, a, `{"tokens":70,"reason":"late","operator":"ops","preview":true}`); p.After != 720 || len(p.Changes) != 1 ||
			p.Changes[0].Kind != "adjustment" || p.Changes[0].Tokens != 70 || p.Changes[0].Grant != "" {
			t.Errorf("%s", got.Raw)
		}
		for _, c := range []struct {
			status     int
			code, body string
		}{
			{402, "insufficient_tokens", `{"tokens":-651,"reason":"typo","operator":"ops"`},
			{422, "invalid_amount", `{"tokens":0,"reason":"typo","operator":"ops"`},
			{422, "bad_request", `{"tokens":1,"reason":"","operator":"ops"`},
			{422, "bad_request", `{"tokens":1,"reason":"typo"`},
			{409, "idempotency_conflict", `{"tokens":1,"reason":"typo","operator":"ops"`},
		} {
			headers := []string{"Idempotency-Key", map[bool]string{true: "g1", false: "a1"}[c.status == 409]}
			seen := s.want(t, c.status, "POST", a+"/adjustments", c.body+`,"preview":true}`, headers...)
			done := s.want(t, c.status, "POST", a+"/adjustments", c.body+`,"preview":false}`, headers...)
			if seen.Code != c.code || seen.Missing != done.Missing || seen.Code != done.Code || seen.Field != done.Field {
				t.Errorf("previewed %s, done %s", seen.Raw, done.Raw)
			}
		}
		s.want(t, 404, "POST", "/api/v1/accounts/nobody/adjustments", `{"tokens":1,"reason":"typo","operator":"ops","preview":true}`)
		usual := s.key(t, identity.NewKey{Name: "usual"})
		if got := s.ask(t, usual, "POST", a+"/adjustments", `{"tokens":1,"reason":"r","operator":"o","preview":true}`); got.Code != "scope_required" {
			t.Errorf("%s", got.Raw)
		}
		if after := s.want(t, 200, "GET", a+"/journal", ""); string(after.Raw) != string(before.Raw) {
			t.Errorf("previews changed the journal from %s to %s", before.Raw, after.Raw)
		}
		// The key is free, and gets what was previewed; then there is nothing left to do.
		done := s.want(t, 201, "POST", a+"/adjustments", `{"tokens":-200,"reason":"typo","operator":"ops"}`, "Idempotency-Key", "a1")
		if done.Balance != p.After || done.Header.Get("Idempotency-Replayed") != "" {
			t.Errorf("previewed %d, done %s", p.After, done.Raw)
		}
		again, got := s.preview(t, a, `{"tokens":-200,"reason":"typo","operator":"ops","preview":true}`, "Idempotency-Key", "a1")
		if again.Balance != 450 || again.After != 450 || len(again.Changes) != 0 || got.Header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("%s", got.Raw)
		}
	})
}
