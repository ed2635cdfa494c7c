package token

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// The encoders of this file write exactly what encoding/json would write for the same
// values, several times faster: an entry is encoded for its hash and for its place in
// the journal. Tests compare the two.

// AppendJSON appends the entry's canonical encoding (T30), which is its JSON.
func (e *Entry) AppendJSON(b []byte) []byte {
	o := object{b: append(b, '{'), empty: true}
	o.text("account", e.Account)
	o.number("seq", e.Seq)
	o.instant("at", e.At)
	o.text("kind", e.Kind)
	o.textIf("key", e.Key)
	o.instantIf("requested", e.Requested)
	if len(e.Command) > 0 {
		o.name("command")
		o.b = appendRaw(o.b, e.Command)
	}
	o.text("catalog", e.Catalog)
	o.grants(e.Grants)
	if len(e.Postings) > 0 {
		o.list("postings")
		for i := range e.Postings {
			o.open(i)
			o.posting(&e.Postings[i])
			o.shut()
		}
		o.listEnds()
	}
	if e.Hold != nil {
		o.name("hold")
		o.open(0)
		o.hold(e.Hold)
		o.shut()
	}
	texts(&o, "closed", e.Closed)
	o.flagIf("relaxed_reset", e.RelaxedReset)
	o.numberIf("refunded", e.Refunded)
	o.textIf("code", e.Code)
	if e.Facts != nil {
		o.name("facts")
		o.b = e.Facts.append(o.b)
	}
	o.number("balance", e.Balance)
	return append(o.b, '}')
}

// PostingMark stands in the canonical bytes of each entry that has a posting of the grant: whoever looks for
// these among many entries need not parse the others.
func PostingMark(grant string) string {
	id, _ := json.Marshal(grant) // a text can be nothing that it refuses
	return `{"grant":` + string(id) + `,`
}

// AppendJSON appends the state as JSON: what json.Marshal gives.
func (a *Account) AppendJSON(b []byte) []byte {
	o := object{b: append(b, '{'), empty: true}
	o.text("id", a.ID)
	o.instant("at", a.At)
	o.number("seq", a.Seq)
	o.text("hash", a.Hash)
	o.name("facts")
	o.b = a.Facts.append(o.b)
	o.grants(a.Grants)
	if len(a.Holds) > 0 {
		o.list("holds")
		for i := range a.Holds {
			o.open(i)
			o.hold(&a.Holds[i])
			o.shut()
		}
		o.listEnds()
	}
	texts(&o, "codes", a.Codes)
	return append(o.b, '}')
}

func (f *Facts) append(b []byte) []byte {
	o := object{b: append(b, '{'), empty: true}
	o.text("plan", f.Plan)
	o.text("zone", f.Zone)
	o.instant("opened", f.Opened)
	o.instant("reset_at", f.ResetAt)
	o.instant("next_reset", f.NextReset)
	o.instantIf("cycle_anchor", f.CycleAnchor)
	o.numberIf("cycle_index", int64(f.CycleIndex))
	o.instantIf("cycle_ends", f.CycleEnds)
	o.textIf("scheduled", f.Scheduled)
	o.numberIf("relaxed_used", f.RelaxedUsed)
	o.numberIf("owed", f.Owed)
	o.numberIf("gifted", f.Gifted)
	o.numberIf("discount", int64(f.Discount))
	o.textIf("discount_code", f.DiscountCode)
	return append(o.b, '}')
}

func (o *object) grants(grants []Grant) {
	if len(grants) == 0 {
		return
	}
	o.list("grants")
	for i := range grants {
		o.open(i)
		o.grant(&grants[i])
		o.shut()
	}
	o.listEnds()
}

func (o *object) grant(g *Grant) {
	o.text("id", g.ID)
	o.text("kind", string(g.Kind))
	o.number("amount", g.Amount)
	o.number("remaining", g.Remaining)
	o.numberIf("frozen", g.Frozen)
	o.numberIf("gone", g.Gone)
	o.instant("starts", g.Starts)
	o.instantIf("expires", g.Expires)
	o.textIf("source", g.Source)
	o.instantIf("giftable_from", g.GiftableFrom)
	o.textIf("dispute", string(g.Dispute))
}

func (o *object) hold(h *Hold) {
	o.text("id", h.ID)
	o.instant("at", h.At)
	o.number("tokens", h.Tokens)
	o.text("lane", string(h.Lane))
	if len(h.Parts) > 0 {
		o.list("parts")
		for i := range h.Parts {
			o.open(i)
			o.text("grant", h.Parts[i].Grant)
			o.number("tokens", h.Parts[i].Tokens)
			o.shut()
		}
		o.listEnds()
	}
	o.instantIf("expires", h.Expires)
	o.textIf("feature", h.Feature)
	o.numberIf("counted", h.Counted)
}

func (o *object) posting(p *Posting) {
	o.text("grant", p.Grant)
	o.text("from", string(p.From))
	o.text("to", string(p.To))
	o.number("tokens", p.Tokens)
	o.textIf("hold", p.Hold)
	o.textIf("why", p.Why)
	o.instantIf("at", p.At)
	o.textIf("kind", string(p.Kind))
	o.instantIf("expires", p.Expires)
	o.instantIf("starts", p.Starts)
	o.instantIf("giftable_from", p.GiftableFrom)
}

// object is a JSON object being written. The methods ending in If leave out zero values.
type object struct {
	b     []byte
	empty bool
}

// name writes a field's name, which never needs escaping.
func (o *object) name(name string) {
	if !o.empty {
		o.b = append(o.b, ',')
	}
	o.empty = false
	o.b = append(append(append(o.b, '"'), name...), '"', ':')
}

func (o *object) text(name, s string) {
	o.name(name)
	o.b = appendText(o.b, s)
}

func (o *object) textIf(name, s string) {
	if s != "" {
		o.text(name, s)
	}
}

func (o *object) number(name string, n int64) {
	o.name(name)
	o.b = strconv.AppendInt(o.b, n, 10)
}

func (o *object) numberIf(name string, n int64) {
	if n != 0 {
		o.number(name, n)
	}
}

func (o *object) flagIf(name string, set bool) {
	if set {
		o.name(name)
		o.b = append(o.b, "true"...)
	}
}

// instant writes an instant; commands outside the years that can be written are refused before.
func (o *object) instant(name string, at Instant) {
	o.name(name)
	b, err := at.AppendText(append(o.b, '"'))
	if err != nil {
		panic("token: an instant of a checked command can always be encoded: " + err.Error())
	}
	o.b = append(b, '"')
}

func (o *object) instantIf(name string, at Instant) {
	if at != 0 {
		o.instant(name, at)
	}
}

// list begins a list of objects, listEnds ends it. What a list's elements have in common is
// repeated where it is used, since a function given as a value would let everything escape.
func (o *object) list(name string) {
	o.name(name)
	o.b = append(o.b, '[')
}

func (o *object) listEnds() { o.b = append(o.b, ']') }

// open begins an object inside, the i-th of a list; shut ends it.
func (o *object) open(i int) {
	if i > 0 {
		o.b = append(o.b, ',')
	}
	o.b = append(o.b, '{')
	o.empty = true
}

func (o *object) shut() {
	o.b = append(o.b, '}')
	o.empty = false
}

func texts(o *object, name string, items []string) {
	if len(items) == 0 {
		return
	}
	o.name(name)
	o.b = append(o.b, '[')
	for i, s := range items {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		o.b = appendText(o.b, s)
	}
	o.b = append(o.b, ']')
}

// appendText writes a string as encoding/json does; what is not plain ASCII is left to it.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			escaped, err := json.Marshal(s)
			if err != nil {
				panic("token: a string can always be encoded: " + err.Error())
			}
			return append(b, escaped...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// appendRaw writes JSON as it is, unless encoding/json would write it in another way:
// without blanks between its parts, and with some characters escaped.
func appendRaw(b []byte, raw json.RawMessage) []byte {
	if !bytes.ContainsAny(raw, " \t\r\n<>&\u2028\u2029") {
		return append(b, raw...)
	}
	compact, err := json.Marshal(raw)
	if err != nil {
		panic("token: a command can always be encoded: " + err.Error())
	}
	return append(b, compact...)
}
