package token

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// plain reads an entry from canonical bytes in which nothing is out of the ordinary, as nearly all of a journal's are,
// several times faster than encoding/json. It gives false for all others: for what it does not know, and for what
// AppendJSON would write differently, so that it never says anything that encoding/json would not.
func plain(canonical []byte) (Entry, bool) {
	var e Entry
	r := reader{b: canonical}
	r.want('{')
	e.Account, e.Seq, e.At, e.Kind = r.text("account"), r.number("seq"), r.instant("at"), r.text("kind")
	e.Key, e.Requested = r.textIf("key"), r.instantIf("requested")
	if r.name("command") {
		e.Command = r.raw()
	}
	e.Catalog = r.text("catalog")
	if r.name("grants") {
		r.decode(&e.Grants)
	}
	for r.list("postings", len(e.Postings)) {
		e.Postings = append(e.Postings, r.posting())
	}
	if r.name("hold") {
		e.Hold = r.hold()
	}
	for r.list("closed", len(e.Closed)) {
		e.Closed = append(e.Closed, r.value())
	}
	e.RelaxedReset, e.Refunded, e.Code = r.flagIf("relaxed_reset"), r.numberIf("refunded"), r.textIf("code")
	if r.name("facts") {
		r.decode(&e.Facts)
	}
	e.Balance = r.number("balance")
	r.want('}')
	return e, !r.odd && r.at == len(canonical) && written(&e, canonical)
}

// written tells that an entry is written with these bytes.
func written(e *Entry, canonical []byte) bool {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	*buffer = e.AppendJSON((*buffer)[:0])
	return bytes.Equal(*buffer, canonical)
}

func (r *reader) posting() Posting {
	r.want('{')
	p := Posting{
		Grant: r.text("grant"), From: Place(r.text("from")), To: Place(r.text("to")), Tokens: r.number("tokens"), Hold: r.textIf("hold"), Why: r.textIf("why"),
		At: r.instantIf("at"), Kind: Kind(r.textIf("kind")), Expires: r.instantIf("expires"), Starts: r.instantIf("starts"), GiftableFrom: r.instantIf("giftable_from"),
	}
	r.want('}')
	return p
}

func (r *reader) hold() *Hold {
	r.want('{')
	h := &Hold{ID: r.text("id"), At: r.instant("at"), Tokens: r.number("tokens"), Lane: Lane(r.text("lane"))}
	for r.list("parts", len(h.Parts)) {
		r.want('{')
		h.Parts = append(h.Parts, Part{Grant: r.text("grant"), Tokens: r.number("tokens")})
		r.want('}')
	}
	h.Expires, h.Feature, h.Counted = r.instantIf("expires"), r.textIf("feature"), r.numberIf("counted")
	r.want('}')
	return h
}

// reader reads what object writes. Its fields come in a fixed order; the methods ending in If, and name and list, look
// whether the next one is there. It is odd once something is not as it should be, and gives zero values from then on.
type reader struct {
	b   []byte
	at  int
	odd bool
}

func (r *reader) fail() { r.odd, r.at = true, len(r.b) }

// next is the next byte, 0 at the end.
func (r *reader) next() byte {
	if r.at < len(r.b) {
		return r.b[r.at]
	}
	return 0
}

// want goes past a byte that has to be there.
func (r *reader) want(c byte) {
	if r.next() != c {
		r.fail()
		return
	}
	r.at++
}

// name goes past the name of a field, and the comma before it, where it is the next one.
func (r *reader) name(name string) bool {
	rest := r.b[r.at:]
	if len(rest) > 0 && rest[0] == ',' {
		rest = rest[1:]
	}
	n := len(name)
	if len(rest) < n+3 || rest[0] != '"' || string(rest[1:n+1]) != name || rest[n+1] != '"' || rest[n+2] != ':' {
		return false
	}
	r.at = len(r.b) - len(rest) + n + 3
	return true
}

// list tells whether a list has one more element, of which n were read. Its first call goes past its name, if it is the next field.
func (r *reader) list(name string, n int) bool {
	switch {
	case n == 0:
		if !r.name(name) {
			return false
		}
		r.want('[')
	case r.next() == ']':
		r.at++
		return false
	default:
		r.want(',')
	}
	return !r.odd
}

// must goes past the name of a field that has to be the next one.
func (r *reader) must(name string) {
	if !r.name(name) {
		r.fail()
	}
}

func (r *reader) text(name string) string {
	r.must(name)
	return r.value()
}

func (r *reader) textIf(name string) string {
	if !r.name(name) {
		return ""
	}
	return r.value()
}

func (r *reader) number(name string) int64 {
	r.must(name)
	return r.digits()
}

func (r *reader) numberIf(name string) int64 {
	if !r.name(name) {
		return 0
	}
	return r.digits()
}

func (r *reader) instant(name string) Instant {
	r.must(name)
	return r.time()
}

func (r *reader) instantIf(name string) Instant {
	if !r.name(name) {
		return 0
	}
	return r.time()
}

func (r *reader) flagIf(name string) bool {
	if !r.name(name) {
		return false
	}
	if !bytes.HasPrefix(r.b[r.at:], []byte("true")) {
		r.fail()
		return false
	}
	r.at += len("true")
	return true
}

// value reads a text without anything that is escaped.
func (r *reader) value() string {
	r.want('"')
	rest := r.b[r.at:]
	end := bytes.IndexByte(rest, '"')
	if end < 0 || bytes.IndexByte(rest[:end], '\\') >= 0 {
		r.fail()
		return ""
	}
	r.at += end + 1
	return string(rest[:end])
}

func (r *reader) digits() int64 {
	start := r.at
	for c := r.next(); c == '-' || c >= '0' && c <= '9'; c = r.next() {
		r.at++
	}
	n, err := strconv.ParseInt(string(r.b[start:r.at]), 10, 64)
	if err != nil {
		r.fail()
	}
	return n
}

func (r *reader) time() Instant {
	var i Instant
	if i.UnmarshalText([]byte(r.value())) != nil {
		r.fail()
	}
	return i
}

// raw goes past an object, or another value in brackets or quotes.
func (r *reader) raw() json.RawMessage {
	start, depth := r.at, 0
	for first := true; r.at < len(r.b) && (first || depth > 0); first = false {
		switch r.b[r.at] {
		case '"':
			for r.at++; r.at < len(r.b) && r.b[r.at] != '"'; r.at++ {
				if r.b[r.at] == '\\' {
					r.at++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		r.at++
	}
	r.at = min(r.at, len(r.b))
	raw := bytes.Clone(r.b[start:r.at])
	if !json.Valid(raw) {
		r.fail()
		return nil
	}
	return raw
}

// decode reads a value that is rare with encoding/json.
func (r *reader) decode(into any) {
	if raw := r.raw(); !r.odd && json.Unmarshal(raw, into) != nil {
		r.fail()
	}
}
