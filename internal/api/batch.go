package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// mostCharges bounds a batch.
const mostCharges = 1000

// batch is POST /api/v1/charges:batch: each charge has its own key and outcome, and all
// share as few commits as possible.
func (s *server) batch(w http.ResponseWriter, r *http.Request, c caller, _, _ string) {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	var body Batch
	key, err := s.beginUpTo(r, buffer, &body, maxBody)
	if err == nil && (len(body.Charges) < 1 || len(body.Charges) > mostCharges) {
		err = wrong("body.charges", fmt.Sprintf("%d charges", len(body.Charges)), "1 to 1000")
	}
	if err != nil {
		s.refuse(w, err)
		return
	}
	results := s.chargeAll(r.Context(), c, key, body.Charges)
	b := append((*buffer)[:0], `{"results":[`...)
	for i := range results {
		if i > 0 {
			b = append(b, ',')
		}
		b = s.appendResult(b, &results[i])
	}
	*buffer = append(b, ']', '}', '\n')
	reply(w, http.StatusOK, key, false, *buffer)
}

// outcome is what became of a charge.
type outcome struct {
	key      string
	entry    *token.Entry
	replayed bool
	err      error
}

func (s *server) chargeAll(ctx context.Context, c caller, key string, charges []BatchCharge) []outcome {
	results := make([]outcome, len(charges))
	reqs, places := make([]ledger.Request, 0, len(charges)), make([]int, 0, len(charges))
	at := calendar.At(s.Now())
	for i := range charges {
		own, req, err := s.batched(ctx, c, key, i, &charges[i], at)
		results[i].key = own
		if results[i].err = err; err == nil {
			reqs, places = append(reqs, req), append(places, i)
		}
	}
	receipts, errs := s.Studio.Ledger.SubmitAll(ctx, reqs)
	for i, place := range places {
		receipt, err := &receipts[i], errs[i]
		if err != nil {
			*receipt, err = s.first(ctx, &reqs[i], &charges[place].Spending, err)
		}
		out := &results[place]
		out.entry, out.replayed, out.err = receipt.Entry, receipt.Replayed, err
	}
	return results
}

// batched is the ledger's request of one of many charges.
func (s *server) batched(ctx context.Context, c caller, key string, i int, b *BatchCharge, at calendar.Instant) (string, ledger.Request, error) {
	place := "body.charges[" + strconv.Itoa(i) + "]"
	if b.Account == "" || utf8.RuneCountInString(b.Account) > 400 {
		return "", ledger.Request{}, wrong(place+".account", b.Account, "an account's id, or external: and its external id")
	}
	if err := b.check(place); err != nil {
		return "", ledger.Request{}, err
	}
	own := b.Key
	if own == "" {
		own = key + "/" + strconv.Itoa(i)
	}
	own, err := keyOr(own)
	if err != nil {
		return "", ledger.Request{}, wrong(place+".key", b.Key, "1 to 128 visible ASCII characters")
	}
	req, err := s.chargeRequest(ctx, c, resolve(b.Account), own, &b.Spending, at)
	return own, req, err
}

func (s *server) appendResult(b []byte, o *outcome) []byte {
	if o.err != nil {
		p := s.problemOf(s.fail(o.err))
		raw, _ := json.Marshal(p)
		b = append(b, `{"status":`...)
		b = strconv.AppendInt(b, int64(p.Status), 10)
		b = append(b, `,"problem":`...)
		b = append(b, raw...)
		return append(b, '}')
	}
	b = append(b, `{"status":201,`...)
	if o.replayed {
		b = append(b, `"replayed":true,`...)
	}
	b = appendChargedFields(b, o.key, o.entry)
	return append(b, '}')
}
