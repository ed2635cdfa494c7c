package token

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"sync"
)

// Place is one end of a posting (T30). "spent" may carry the feature: "spent/alchemy_v2".
type Place string

// The ends of postings. Available, Held and Frozen are inside the account, the others outside.
const (
	Issued    Place = "issued"
	Available Place = "available"
	Held      Place = "held"
	Frozen    Place = "frozen"
	Spent     Place = "spent"
	Expired   Place = "expired"
	Removed   Place = "removed"
	Repaid    Place = "repaid"
	Gifted    Place = "gifted"
	// Moved is between two grants of the account: into the bank (T10) or a refund (T15).
	Moved Place = "moved"
)

// Posting moves tokens of one grant from one place to another: two ends, so the sum
// over both is zero (T30).
type Posting struct {
	Grant  string `json:"grant"`
	From   Place  `json:"from"`
	To     Place  `json:"to"`
	Tokens int64  `json:"tokens"`
	// Hold is the hold that tokens enter or leave, where one end is held.
	Hold string `json:"hold,omitempty"`
	// Why names the rule or the reason.
	Why string `json:"why,omitempty"`
	// At is when it took effect, if that is not the entry's time (roll-forward).
	At Instant `json:"at,omitempty"`
	// Kind and the instants are the grant's, given where tokens are spent or given away,
	// so that a later refund knows where they belong (T15, T18). Starts and GiftableFrom
	// are left out for recurring kinds, whose grants are remembered until they end.
	Kind         Kind    `json:"kind,omitempty"`
	Expires      Instant `json:"expires,omitempty"`
	Starts       Instant `json:"starts,omitempty"`
	GiftableFrom Instant `json:"giftable_from,omitempty"`
}

// of writes the terms of the grant that is spent into a posting.
func (p Posting) of(g *Grant) Posting {
	p.Kind, p.Expires = g.Kind, g.Expires
	if !g.recurring() {
		p.Starts, p.GiftableFrom = g.Starts, g.GiftableFrom
	}
	return p
}

// Entry is one line of an account's journal (T30).
type Entry struct {
	Account string  `json:"account"`
	Seq     int64   `json:"seq"`
	At      Instant `json:"at"`
	// Kind is "roll" or the command's name.
	Kind string `json:"kind"`
	// Key is the caller's idempotency key (T17).
	Key string `json:"key,omitempty"`
	// Requested is the time the caller gave, where it was older than the account's (T2).
	Requested Instant `json:"requested,omitempty"`
	// Command is what was asked for, in its canonical JSON.
	Command json.RawMessage `json:"command,omitempty"`
	// Catalog is the version of the rules that decided (T25).
	Catalog string `json:"catalog"`
	// Grants were opened or changed in their terms; amounts available change by postings only.
	Grants   []Grant   `json:"grants,omitempty"`
	Postings []Posting `json:"postings,omitempty"`
	// Hold was opened; Closed holds ended.
	Hold   *Hold    `json:"hold,omitempty"`
	Closed []string `json:"closed,omitempty"`
	// RelaxedReset tells that relaxed_used and every hold's share of it went to zero (T22).
	RelaxedReset bool `json:"relaxed_reset,omitempty"`
	// Refunded is the total refunded of a charge, this entry included (T18).
	Refunded int64 `json:"refunded,omitempty"`
	// Code was redeemed (T26).
	Code string `json:"code,omitempty"`
	// Facts are all facts after the entry, if any of them changed.
	Facts *Facts `json:"facts,omitempty"`
	// Balance after the entry (T30).
	Balance int64 `json:"balance"`
	// Prev is the hash of the account's entry before; Hash covers Prev and all other fields.
	// Both travel beside the entry's canonical bytes.
	Prev string `json:"-"`
	Hash string `json:"-"`
	// canonical is what Hash was taken over, where the entry was decided here.
	canonical string
}

// Canonical is Bytes as a string, and without encoding again for an entry that Apply or
// Decide has just given.
func (e *Entry) Canonical() string {
	if e.canonical != "" {
		return e.canonical
	}
	return string(e.Bytes())
}

// chain encodes the entry and chains it to the one before it.
func (e *Entry) chain() {
	buffer := buffers.Get().(*[]byte)
	text := append(append((*buffer)[:0], e.Prev...), '\n')
	text = e.AppendJSON(text)
	sum := sha256.Sum256(text)
	e.canonical, e.Hash = string(text[len(e.Prev)+1:]), hex.EncodeToString(sum[:])
	*buffer = text
	buffers.Put(buffer)
}

// buffers are what entries are written into first: most take less than a kilobyte, and it
// is not known beforehand how much.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// Bytes is the entry's canonical encoding, over which the hash goes: the same bytes on every store.
func (e *Entry) Bytes() []byte {
	return e.AppendJSON(make([]byte, 0, 1024))
}

// ChainHash is the hash that chains an entry's canonical bytes to the hash before it (T30).
func ChainHash(prev string, canonical []byte) string {
	h := sha256.New()
	h.Write([]byte(prev))
	h.Write([]byte{'\n'})
	h.Write(canonical)
	return hex.EncodeToString(h.Sum(nil))
}

// ParseEntry reads an entry from its canonical bytes. Prev and Hash travel beside them and
// stay empty; the caller sets them before [Fold]. It fails where the bytes are not the
// JSON of an entry, and does not judge what it says.
func ParseEntry(canonical []byte) (Entry, error) {
	if e, ok := plain(canonical); ok {
		return e, nil
	}
	var e Entry
	if err := json.Unmarshal(canonical, &e); err != nil {
		return Entry{}, err
	}
	return e, nil
}

// Settled is what the entry charged in all: tokens of a settle or charge that were spent.
func (e *Entry) Settled() int64 {
	var sum int64
	for _, p := range e.Postings {
		if isSpent(p.To) {
			sum += p.Tokens
		}
	}
	return sum
}

func isSpent(p Place) bool { return p == Spent || (len(p) > 6 && p[:6] == "spent/") }

func spentOn(feature string) Place {
	if feature == "" {
		return Spent
	}
	return Spent + "/" + Place(feature)
}

// KeyName is the unique name of a caller's idempotency key.
func KeyName(key string) string { return "k/" + key }

// OpenedName is the unique name of the entry that opened a hold, or of a charge.
func OpenedName(hold string) string { return "h/" + hold }

// EndedName is the unique name of the entry that settled or released a hold by command.
func EndedName(hold string) string { return "e/" + hold }

// GrantName is the unique name of the entry that made a grant by command.
func GrantName(grant string) string { return "g/" + grant }

// lostName is the unique name of the entry that records a lost dispute over a grant (T29).
func lostName(grant string) string { return "d/" + grant }

// sentName is the unique name of the entry that gave a gift away (T27).
func sentName(gift string) string { return "s/" + gift }

// receivedName is the unique name of the entry that took a gift (T27); ids of gifts
// are unique only with their sender.
func receivedName(c ReceiveGift) string {
	return "v/" + strconv.Itoa(len(c.From)) + "/" + c.From + "/" + c.ID
}

// RefundPrefix begins the unique names of a charge's refunds; the rest is the total
// refunded, 16 digits. The id's length keeps "a" apart from "a/b".
func RefundPrefix(hold string) string { return "r/" + strconv.Itoa(len(hold)) + "/" + hold + "/" }

func refundName(hold string, total int64) string {
	s := strconv.FormatInt(total, 10)
	return RefundPrefix(hold) + "0000000000000000"[:16-len(s)] + s
}
