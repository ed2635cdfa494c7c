package token_test

import (
	"encoding/json"
	"fmt"

	"github.com/florin-studio/florin/token"
)

// audit reads a journal as an accountant would: it adds postings up, place by place
// and grant by grant, follows the chain, and folds what it read back from the bytes.
type audit struct {
	folded token.Account
	places map[token.Place]int64
	grants map[string]map[token.Place]int64
	charge map[string]int64 // settled, less refunded
	price  map[string]int64
}

func newAudit() *audit {
	return &audit{places: map[token.Place]int64{}, grants: map[string]map[token.Place]int64{}, charge: map[string]int64{}, price: map[string]int64{}}
}

// add reads the next entry.
func (x *audit) add(r *token.Rules, e token.Entry) error {
	b := e.Bytes()
	if plain, err := json.Marshal(e); err != nil || string(plain) != string(b) {
		return fmt.Errorf("entry %d: error %v, encoding/json writes\n%s\nBytes\n%s", e.Seq, err, plain, b)
	}
	back, err := token.ParseEntry(b)
	if err != nil {
		return fmt.Errorf("entry %d: %w", e.Seq, err)
	}
	back.Prev, back.Hash = e.Prev, e.Hash
	if again := back.Bytes(); string(again) != string(b) {
		return fmt.Errorf("entry %d changes when it is read and written:\n%s\n%s", e.Seq, b, again)
	}
	if hash := token.ChainHash(x.folded.Hash, b); hash != e.Hash {
		return fmt.Errorf("entry %d: hash %s, want %s", e.Seq, e.Hash, hash)
	}
	if x.folded, err = token.Fold(x.folded, &back); err != nil {
		return err
	}
	for _, p := range e.Postings {
		if p.Tokens < 1 {
			return fmt.Errorf("entry %d posts %d tokens", e.Seq, p.Tokens)
		}
		x.move(p.Grant, p.From, -p.Tokens)
		x.move(p.Grant, p.To, p.Tokens)
	}
	if n := x.places[token.Moved]; n != 0 {
		return fmt.Errorf("entry %d: %d tokens are on their way between two grants", e.Seq, n)
	}
	for id, places := range x.grants {
		for _, place := range []token.Place{token.Available, token.Held, token.Frozen} {
			if places[place] < 0 {
				return fmt.Errorf("entry %d: grant %s has %d %s", e.Seq, id, places[place], place)
			}
		}
	}
	return x.charged(e)
}

func (x *audit) move(grant string, place token.Place, n int64) {
	x.places[place] += n
	if x.grants[grant] == nil {
		x.grants[grant] = map[token.Place]int64{}
	}
	x.grants[grant][place] += n
}

// charged checks that nothing is settled beyond its hold, nor refunded beyond its charge.
func (x *audit) charged(e token.Entry) error {
	if e.Hold != nil && e.Hold.Lane == token.Fast {
		x.price[e.Hold.ID] = e.Hold.Tokens
	}
	if e.Kind == "settle" && len(e.Closed) == 1 {
		x.charge[e.Closed[0]] = e.Settled()
		if price := x.price[e.Closed[0]]; e.Settled() > price {
			return fmt.Errorf("entry %d settles %d of a hold of %d", e.Seq, e.Settled(), price)
		}
	}
	return nil
}

// compare compares the sums of the journal with the state.
func (x *audit) compare(r *token.Rules, a token.Account) error {
	if was, is := encode(x.folded), encode(a); was != is {
		return fmt.Errorf("the journal folds to another state:\n%s\n%s", was, is)
	}
	if is, fast := encode(a), string(a.AppendJSON(nil)); is != fast {
		return fmt.Errorf("encoding/json writes\n%s\nAppendJSON\n%s", is, fast)
	}
	var sum, available, frozen int64
	for _, n := range x.places {
		sum += n
	}
	for _, g := range a.Grants {
		available, frozen = available+g.Remaining, frozen+g.Frozen
	}
	if sum != 0 || x.places[token.Available] != available || x.places[token.Frozen] != frozen || x.places[token.Held] != a.Held() {
		return fmt.Errorf("the postings leave %v, the state has %d available, %d frozen, %d held", x.places, available, frozen, a.Held())
	}
	return nil
}
