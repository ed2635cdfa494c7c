package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// SpentHold is a price set aside.
type SpentHold struct {
	ID      string  `json:"id"`
	Tokens  int64   `json:"tokens"`
	Lane    string  `json:"lane" enum:"fast,relaxed" doc:"A relaxed hold takes no tokens."`
	Feature string  `json:"feature,omitempty"`
	Expires *string `json:"expires_at" format:"date-time"`
}

// Held is the answer to a hold.
type Held struct {
	Hold    SpentHold `json:"hold"`
	Balance int64     `json:"balance" doc:"After the hold."`
	Receipt Receipt   `json:"receipt"`
}

// EndedHold is a hold that was settled or released.
type EndedHold struct {
	ID       string `json:"id"`
	Settled  int64  `json:"settled" doc:"Tokens charged."`
	Returned int64  `json:"returned" doc:"Tokens given back."`
	Expired  int64  `json:"expired" doc:"Tokens whose day or cycle ended meanwhile."`
}

// Ended is the answer to a settlement or a release.
type Ended struct {
	Hold    EndedHold `json:"hold"`
	Balance int64     `json:"balance"`
	Receipt Receipt   `json:"receipt"`
}

// Charge is tokens that were taken.
type Charge struct {
	ID     string `json:"id"`
	Tokens int64  `json:"tokens" doc:"What was taken; 0 in the relaxed lane."`
	Lane   string `json:"lane" enum:"fast,relaxed"`
}

// Charged is the answer to a charge.
type Charged struct {
	Charge  Charge  `json:"charge"`
	Balance int64   `json:"balance"`
	Receipt Receipt `json:"receipt"`
}

// BatchResult is what became of one of many charges.
type BatchResult struct {
	Status   int      `json:"status" doc:"As the single charge's: 201, or that of the problem."`
	Replayed bool     `json:"replayed,omitempty"`
	Charge   *Charge  `json:"charge,omitempty"`
	Balance  int64    `json:"balance,omitempty"`
	Receipt  *Receipt `json:"receipt,omitempty"`
	Problem  *Problem `json:"problem,omitempty"`
}

// BatchDone is the answer to many charges, in their order.
type BatchDone struct {
	Results []BatchResult `json:"results"`
}

// The beginnings of ids that are made from idempotency keys. Ids of the studio's jobs have
// neither, so that nobody ends a job's hold from here. Since an id happens only once in an
// account, whether it is of a hold or a charge, it is all that finds a repeat (T17); a
// unique name for the key as well would cost a third of the commit.
const (
	spentMark    = "k-"
	budgetedMark = "b-" // of a key with a budget, into which holds give back
)

// spentID is the id of a hold or a charge.
func spentID(c caller, key string) string {
	if c.key.Budgeted() {
		return budgetedMark + key
	}
	return spentMark + key
}

// priced is a body's price.
type priced struct {
	tokens   int64
	feature  string
	fastOnly bool
	lines    []token.Line
	// mark tells requests apart: what they cost may change, what was asked for may not.
	// It is empty for tokens, and else stands with the key in the journal.
	mark string
}

// name is the key that the ledger is given: none where the id says it all.
func (p *priced) name(key string) string {
	if p.mark == "" {
		return ""
	}
	return key + p.mark
}

// price finds what a body costs for an account.
func (s *server) price(ctx context.Context, account string, b *Spending, at calendar.Instant) (priced, error) {
	if b.Request == nil {
		return priced{tokens: *b.Tokens, feature: b.Feature, fastOnly: !b.Relaxed}, nil
	}
	list := s.Studio.Catalog()
	p, err := list.Price(*b.Request, at)
	if err != nil {
		return priced{}, err
	}
	a, err := s.Studio.Ledger.Account(ctx, account, at)
	if err != nil {
		return priced{}, err
	}
	if refusal := list.Allow(*b.Request, a.Facts.Plan); refusal != nil {
		return priced{}, refusal
	}
	raw, err := json.Marshal(b)
	sum := sha256.Sum256(raw)
	return priced{p.Tokens, p.Feature, p.FastOnly || !b.Relaxed, p.Lines, "~" + hex.EncodeToString(sum[:8])}, err
}

// chargeRequest is the ledger's request of a charge.
func (s *server) chargeRequest(ctx context.Context, c caller, account, key string, b *Spending, at calendar.Instant) (ledger.Request, error) {
	p, err := s.price(ctx, account, b, at)
	if err != nil {
		return ledger.Request{}, err
	}
	req := ledger.Request{Account: account, Request: token.Request{
		Key: p.name(key), At: at, Command: token.Charge{ID: spentID(c, key), Tokens: p.tokens, Feature: p.feature, FastOnly: p.fastOnly, Lines: p.lines},
	}}
	if c.key.Budgeted() {
		req.Side = func(ctx context.Context, tx *store.Tx, r *token.Receipt) error {
			return identity.Spend(ctx, tx, c.key, account, "", r.Entry.Settled(), at)
		}
	}
	return req, nil
}

// first gives the first receipt of a request whose price has changed since (T17): the
// same request has the same mark, whatever the catalog says today.
func (s *server) first(ctx context.Context, req *ledger.Request, b *Spending, err error) (token.Receipt, error) {
	var refusal *token.Refusal
	if b.Request == nil || !errors.As(err, &refusal) || refusal.Reason != token.IdempotencyConflict {
		return token.Receipt{}, err
	}
	e, found, failed := s.Studio.Ledger.Named(ctx, req.Account, token.KeyName(req.Key))
	if failed != nil || !found || e.Kind != req.Command.Name() || !sameAsked(e.Command, token.EncodeCommand(req.Command)) {
		return token.Receipt{}, errors.Join(failed, err)
	}
	return token.Receipt{Entry: &e, Replayed: true}, nil
}

// sameAsked compares what callers decide of two commands, and not what the catalog does.
func sameAsked(was, is []byte) bool {
	var a, b struct {
		ID        string `json:"id"`
		ExpiresIn int64  `json:"expires_in"`
	}
	return json.Unmarshal(was, &a) == nil && json.Unmarshal(is, &b) == nil && a == b
}

// charge is POST /api/v1/accounts/{account}/charges.
func (s *server) charge(w http.ResponseWriter, r *http.Request, c caller, account, _ string) {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	var body Spending
	key, err := s.begin(r, buffer, &body)
	if err == nil {
		err = body.check("body")
	}
	if err != nil {
		s.refuse(w, err)
		return
	}
	req, err := s.chargeRequest(r.Context(), c, account, key, &body, calendar.At(s.Now()))
	if err != nil {
		s.refuse(w, err)
		return
	}
	receipt, err := s.Studio.Ledger.Submit(r.Context(), req)
	if err != nil {
		if receipt, err = s.first(r.Context(), &req, &body, err); err != nil {
			s.refuse(w, err)
			return
		}
	}
	*buffer = appendCharged((*buffer)[:0], key, receipt.Entry)
	reply(w, http.StatusCreated, key, receipt.Replayed, *buffer)
}

// appendCharged writes a Charged.
func appendCharged(b []byte, key string, e *token.Entry) []byte {
	b = append(b, '{')
	b = appendChargedFields(b, key, e)
	return append(b, '}', '\n')
}

func appendChargedFields(b []byte, key string, e *token.Entry) []byte {
	settled, lane := e.Settled(), token.Fast
	if settled == 0 {
		lane = token.Relaxed
	}
	b = append(b, `"charge":{"id":`...)
	b = appendString(b, commandID(e))
	b = append(b, `,"tokens":`...)
	b = strconv.AppendInt(b, settled, 10)
	b = append(b, `,"lane":"`...)
	b = append(b, lane...)
	b = append(b, `"},"balance":`...)
	b = strconv.AppendInt(b, e.Balance, 10)
	return appendReceipt(b, key, e)
}

// appendReceipt writes the member "receipt".
func appendReceipt(b []byte, key string, e *token.Entry) []byte {
	b = append(b, `,"receipt":{"seq":`...)
	b = strconv.AppendInt(b, e.Seq, 10)
	b = append(b, `,"at":"`...)
	b, _ = e.At.AppendText(b)
	b = append(b, `","kind":`...)
	b = appendString(b, e.Kind)
	b = append(b, `,"key":`...)
	b = appendString(b, key)
	b = append(b, `,"catalog":`...)
	b = appendString(b, e.Catalog)
	b = append(b, `,"hash":"`...)
	b = append(b, e.Hash...)
	return append(b, `"}`...)
}

// commandID is the id that an entry's command names.
func commandID(e *token.Entry) string {
	raw := []byte(e.Command)
	if rest, ok := bytes.CutPrefix(raw, []byte(`{"id":"`)); ok { // as commands of ours begin
		if end := bytes.IndexByte(rest, '"'); end >= 0 && bytes.IndexByte(rest[:end], '\\') < 0 {
			return string(rest[:end])
		}
	}
	var c struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(raw, &c)
	return c.ID
}
