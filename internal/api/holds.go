package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// hold is POST /api/v1/accounts/{account}/holds.
func (s *server) hold(w http.ResponseWriter, r *http.Request, c caller, account, _ string) {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	var body HoldSpending
	key, err := s.begin(r, buffer, &body)
	if err == nil {
		err = body.check("body")
	}
	if err == nil && (body.ExpiresIn < 0 || body.ExpiresIn > 31_536_000) {
		err = wrong("body.expires_in", strconv.FormatInt(body.ExpiresIn, 10), "0 to 31536000 seconds")
	}
	if err != nil {
		s.refuse(w, err)
		return
	}
	req, err := s.holdRequest(r.Context(), c, account, key, &body, calendar.At(s.Now()))
	if err != nil {
		s.refuse(w, err)
		return
	}
	receipt, err := s.Studio.Ledger.Submit(r.Context(), req)
	if err != nil {
		if receipt, err = s.first(r.Context(), &req, &body.Spending, err); err != nil {
			s.refuse(w, err)
			return
		}
	}
	*buffer = appendHeld((*buffer)[:0], key, receipt.Entry)
	reply(w, http.StatusCreated, key, receipt.Replayed, *buffer)
}

func (s *server) holdRequest(ctx context.Context, c caller, account, key string, b *HoldSpending, at calendar.Instant) (ledger.Request, error) {
	p, err := s.price(ctx, account, &b.Spending, at)
	if err != nil {
		return ledger.Request{}, err
	}
	id := spentID(c, key)
	req := ledger.Request{Account: account, Request: token.Request{Key: p.name(key), At: at, Command: token.TakeHold{
		ID: id, Tokens: p.tokens, Feature: p.feature, FastOnly: p.fastOnly, Lines: p.lines, ExpiresIn: b.ExpiresIn * 1000,
	}}}
	if c.key.Budgeted() {
		req.Side = func(ctx context.Context, tx *store.Tx, r *token.Receipt) error {
			taken := r.Entry.Hold.Tokens
			if r.Entry.Hold.Lane == token.Relaxed {
				taken = 0
			}
			return identity.Spend(ctx, tx, c.key, account, id, taken, at)
		}
	}
	return req, nil
}

// settle is POST /api/v1/accounts/{account}/holds/{hold}/settle.
func (s *server) settle(w http.ResponseWriter, r *http.Request, _ caller, account, hold string) {
	var body Settling
	s.end(w, r, account, hold, &body, func() (token.Command, error) {
		if t := body.Tokens; t != nil && (*t < 0 || *t > token.Max) {
			return nil, wrong("body.tokens", strconv.FormatInt(*t, 10), "0 to 2^53-1")
		}
		return token.Settle{ID: hold, Tokens: body.Tokens}, nil
	})
}

// release is POST /api/v1/accounts/{account}/holds/{hold}/release.
func (s *server) release(w http.ResponseWriter, r *http.Request, _ caller, account, hold string) {
	s.end(w, r, account, hold, &struct{}{}, func() (token.Command, error) { return token.Release{ID: hold}, nil })
}

// end ends a hold that was taken here.
func (s *server) end(w http.ResponseWriter, r *http.Request, account, hold string, body any, command func() (token.Command, error)) {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	key, err := s.begin(r, buffer, body)
	var c token.Command
	if err == nil {
		c, err = command()
	}
	budgeted := strings.HasPrefix(hold, budgetedMark)
	if err == nil && !budgeted && !strings.HasPrefix(hold, spentMark) {
		err = &token.Refusal{Reason: token.UnknownHold, Field: "hold", Value: hold, Allowed: "a hold that was taken through this API"}
	}
	if err != nil {
		s.refuse(w, err)
		return
	}
	req := ledger.Request{Account: account, Request: token.Request{Key: key, At: calendar.At(s.Now()), Command: c}}
	if budgeted {
		req.Side = func(ctx context.Context, tx *store.Tx, r *token.Receipt) error {
			return identity.GiveBack(ctx, tx, account, hold, r.Entry.Settled())
		}
	}
	receipt, err := s.Studio.Ledger.Submit(r.Context(), req)
	if err != nil {
		s.refuse(w, err)
		return
	}
	*buffer = appendEnded((*buffer)[:0], key, hold, receipt.Entry)
	reply(w, http.StatusOK, key, receipt.Replayed, *buffer)
}

// appendHeld writes a Held.
func appendHeld(b []byte, key string, e *token.Entry) []byte {
	h := e.Hold
	b = append(b, `{"hold":{"id":`...)
	b = appendString(b, h.ID)
	b = append(b, `,"tokens":`...)
	b = strconv.AppendInt(b, h.Tokens, 10)
	b = append(b, `,"lane":"`...)
	b = append(b, h.Lane...)
	b = append(b, '"')
	if h.Feature != "" {
		b = append(b, `,"feature":`...)
		b = appendString(b, h.Feature)
	}
	b = append(b, `,"expires_at":`...)
	if h.Expires == 0 {
		b = append(b, `null`...)
	} else {
		b = append(b, '"')
		b, _ = h.Expires.AppendText(b)
		b = append(b, '"')
	}
	b = append(b, `},"balance":`...)
	b = strconv.AppendInt(b, e.Balance, 10)
	b = appendReceipt(b, key, e)
	return append(b, '}', '\n')
}

// appendEnded writes an Ended.
func appendEnded(b []byte, key, hold string, e *token.Entry) []byte {
	var returned, expired int64
	for _, p := range e.Postings {
		switch {
		case p.From != token.Held:
		case p.To == token.Available, p.To == token.Moved, p.To == token.Frozen:
			returned += p.Tokens
		case p.To == token.Expired:
			expired += p.Tokens
		}
	}
	b = append(b, `{"hold":{"id":`...)
	b = appendString(b, hold)
	b = append(b, `,"settled":`...)
	b = strconv.AppendInt(b, e.Settled(), 10)
	b = append(b, `,"returned":`...)
	b = strconv.AppendInt(b, returned, 10)
	b = append(b, `,"expired":`...)
	b = strconv.AppendInt(b, expired, 10)
	b = append(b, `},"balance":`...)
	b = strconv.AppendInt(b, e.Balance, 10)
	b = appendReceipt(b, key, e)
	return append(b, '}', '\n')
}
