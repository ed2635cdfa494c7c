package studio

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// Quote is a price that binds (P6). It needs no memory: its id carries what was
// promised, signed with the installation's secret, so that it holds across restarts and
// processes.
type Quote struct {
	ID      string
	Tokens  int64
	Lines   []token.Line
	Lane    token.Lane
	Covered bool
	Balance int64
	// Missing is what the balance lacks, 0 where it covers the price.
	Missing int64
	Next    *token.Coming
	// Pays are the grants that would pay, in spending order (T8).
	Pays []Pay
	// Plans and Packs that would cover the price where the balance does not.
	Plans, Packs []string
	Expires      calendar.Instant
	Catalog      string
}

// Pay is what one grant would give to a price.
type Pay struct {
	Grant  string     `json:"grant"`
	Kind   token.Kind `json:"kind"`
	Tokens int64      `json:"tokens"`
}

// promise is what a quote's id carries.
type promise struct {
	Account string           `json:"a"`
	Request catalog.Request  `json:"r"`
	Price   catalog.Price    `json:"p"`
	Prices  []int64          `json:"n"`
	Expires calendar.Instant `json:"e"`
	Catalog string           `json:"c"`
}

// Quote prices a request for an account, without changing anything.
func (s *Studio) Quote(ctx context.Context, account string, req catalog.Request) (Quote, error) {
	now := s.now()
	req = normal(req)
	a, err := s.Ledger.Account(ctx, account, now)
	if err != nil {
		return Quote{}, err
	}
	c := s.Catalog()
	p, err := s.price(c, req, a.Facts.Plan, now)
	if err != nil {
		return Quote{}, err
	}
	p.Account, p.Expires, p.Catalog = account, now+calendar.Instant(c.QuoteExpiry()), c.Version()
	q := Quote{ID: s.seal(p), Tokens: p.Price.Tokens, Lines: p.Price.Lines, Expires: p.Expires, Catalog: p.Catalog}
	return q, s.previewHold(c.Rules(), a, p, &q)
}

// price works out what a request costs in whole and in part, and whether the plan allows it (P1, P8).
func (s *Studio) price(c *catalog.Catalog, req catalog.Request, plan string, now calendar.Instant) (promise, error) {
	if refusal := c.Allow(req, plan); refusal != nil {
		return promise{}, refusal
	}
	price, err := c.Price(req, now)
	if err != nil {
		return promise{}, err
	}
	p := promise{Request: req, Price: price}
	for n := 1; n < req.Images; n++ {
		part := req
		part.Images = n
		made, err := c.Price(part, now)
		if err != nil {
			return promise{}, err
		}
		p.Prices = append(p.Prices, min(made.Tokens, price.Tokens))
	}
	p.Prices = append(p.Prices, price.Tokens)
	return p, nil
}

// previewHold asks the token rules what holding the price would do, on a copy.
func (s *Studio) previewHold(rules *token.Rules, a token.Account, p promise, q *Quote) error {
	q.Balance = rules.Balance(&a)
	q.Lane = token.Fast
	try := token.Request{Key: "preview", At: a.At, Command: token.TakeHold{ID: "preview", Tokens: p.Price.Tokens, FastOnly: p.Price.FastOnly}}
	_, entries, err := rules.Apply(a, try)
	if refusal, ok := err.(*token.Refusal); ok {
		q.Missing, q.Next, q.Plans, q.Packs = refusal.Missing, refusal.Next, refusal.Plans, refusal.Packs
		return nil
	}
	if err != nil {
		return err
	}
	q.Covered = true
	entry := &entries[len(entries)-1]
	q.Lane = entry.Hold.Lane
	for _, posting := range entry.Postings {
		g, _ := a.Grant(posting.Grant)
		q.Pays = append(q.Pays, Pay{Grant: g.ID, Kind: g.Kind, Tokens: posting.Tokens})
	}
	return nil
}

func (s *Studio) sign(body string) string {
	mac := hmac.New(sha256.New, s.Secret)
	mac.Write([]byte("quote\n" + body))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

func (s *Studio) seal(p promise) string {
	raw, err := json.Marshal(p)
	if err != nil {
		panic("studio: a promise can always be encoded: " + err.Error())
	}
	body := base64.RawURLEncoding.EncodeToString(raw)
	return body + "." + s.sign(body)
}

// unseal gives back what a quote promised, if it was made here, for this account and
// this request, and is not over (P6).
func (s *Studio) unseal(id, account string, req catalog.Request, now calendar.Instant) (promise, error) {
	mismatch := func(field, value, allowed string) error {
		return &token.Refusal{Reason: token.QuoteMismatch, Field: field, Value: value, Allowed: allowed}
	}
	body, mac, _ := strings.Cut(id, ".")
	var p promise
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil || !hmac.Equal([]byte(mac), []byte(s.sign(body))) || json.Unmarshal(raw, &p) != nil || p.Account != account {
		return p, mismatch("quote", shorten(id), "an id that POST /quotes gave to this account")
	}
	if p.Request != req {
		asked, _ := json.Marshal(req)
		quoted, _ := json.Marshal(p.Request)
		return p, mismatch("quote", string(asked), "what was quoted: "+string(quoted))
	}
	if now >= p.Expires {
		return p, &token.Refusal{Reason: token.QuoteExpired, Field: "quote", Value: p.Expires.String(), Allowed: "a quote that is not over"}
	}
	return p, nil
}

func shorten(s string) string {
	if len(s) > 24 {
		return s[:24] + "…"
	}
	return s
}
