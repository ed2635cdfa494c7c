package sqlstore

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/parts"
	"github.com/florin-studio/florin/token"
)

// A tail may have that many entries, and that many bytes of text, before it is moved into
// the indexes. It is written with each change of its account, so that long ones cost more than they
// spare; within a page's fraction the two balance.
const (
	mostRecent = 16
	mostText   = 1400
	// mostBehind is from how many entries on that came after its row an account that had to be read gets its row
	// written with the next change on PostgreSQL. Accounts that stay in memory are not read, so that they cost
	// nothing by it; others would have to fold up to sixteen entries, from as many pages, each time.
	mostBehind = 4
)

// tail is what an account's row says of its newest entries, which no index knows yet. It
// is never changed once a row has it.
type tail struct {
	home
	// last is the account's last entry, and n is how many there are up to it; tails share those that they have in common.
	last *recent
	n    int
	// tops are the greatest names in the index by class. A name beyond them is certainly
	// not there, so that rising ids and keys need no look at all.
	tops map[string]string
	// runs are the greatest names in runs by class.
	runs map[string]string
	// written is the number of the entry with which the row was written. On PostgreSQL later
	// ones are in the tail, too, but not in the row.
	written int64
	// read tells that the tail was read from its row and the entries since, and not remembered.
	read bool
	// text is how tops, runs and the first entries are written, as many as inText says.
	text   string
	inText int
}

// recent is an entry that no index knows.
type recent struct {
	// place is the entry's row on SQLite; PostgreSQL finds entries by account and number.
	place int64
	names []string
	// before is the entry before it, nil where that one is in the index or there is none.
	before *recent
}

// add puts an entry at the end of a tail that is being made.
func (t *tail) add(e recent) {
	e.before = t.last
	t.last = &e
	t.n++
}

// from gives the entries of the tail in order, without the first ones.
func (t *tail) from(first int) []*recent {
	all := make([]*recent, max(0, t.n-first))
	for i, e := len(all)-1, t.last; i >= 0; i, e = i-1, e.before {
		all[i] = e
	}
	return all
}

// A tail is written short (see package parts), newest entries last, so that one more is
// written behind those that are there:
//
//	1 k/order-7;r e/000000000016 h/000000000016;e 4711 h/000000000017;e 4717 e/000000000017;
//
// The first part is the form's version and has those of tops that are not in runs; r has runs; each e is an entry,
// its place and its names.
const tailVersion = "1"

// unread is a tail as it is stored: most of those who read a row do not need it.
type unread struct {
	home
	text    string
	written int64
	// since are the entries that came after the row was written.
	since []ledger.Record
	names namesOf
}

func (u unread) parse() (*tail, error) {
	t, err := parseTail(u.text)
	if err != nil {
		return nil, err
	}
	t.home, t.written, t.read = u.home, u.written, true
	for i := range u.since {
		names, err := u.names(&u.since[i])
		if err != nil {
			return nil, err
		}
		t.add(recent{names: names})
	}
	return t, nil
}

// parseSince reads the entries that stand after a row: a line for each with number, time, kind, hash and
// body. Bodies are JSON, in which no line ends. What can't be read stays what it is: who needs it finds the damage.
func parseSince(text string) []ledger.Record {
	if text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	all := make([]ledger.Record, len(lines))
	for i, line := range lines {
		rec := &all[i]
		fields := strings.SplitN(line, " ", 5)
		if len(fields) < 5 {
			rec.Body = line
			continue
		}
		rec.Seq, _ = strconv.ParseInt(fields[0], 10, 64)
		at, _ := strconv.ParseInt(fields[1], 10, 64)
		rec.At, rec.Kind, rec.Hash, rec.Body = token.Instant(at), fields[2], fields[3], fields[4]
	}
	return all
}

// Check tells whether it can be read.
func (u unread) Check() error {
	_, err := parseTail(u.text)
	return err
}

// parseTail reads a tail; of a row that was written before there were any, it is empty.
func parseTail(text string) (*tail, error) {
	text = strings.TrimRight(text, " ")
	if text == "" {
		return &tail{}, nil
	}
	if text[0] == '{' {
		return parseJSON(text)
	}
	t := &tail{text: text}
	r := parts.Read(text)
	if version, _ := r.Next(); version != tailVersion {
		r.Fail(version)
	}
	for r.More() {
		t.raise(r.String())
	}
	for kind, ok := r.Next(); ok; kind, ok = r.Next() {
		if kind == "r" {
			for r.More() {
				t.raiseRun(r.String())
			}
			continue
		}
		if kind != "e" {
			r.Fail(kind)
		}
		e := recent{place: r.Int()}
		for r.More() {
			e.names = append(e.names, r.String())
		}
		t.add(e)
	}
	t.inText = t.n
	return t, r.Err()
}

// parseJSON reads a tail as it was written before there was the short form.
func parseJSON(text string) (*tail, error) {
	var in struct {
		Places []int64    `json:"places"`
		Names  [][]string `json:"names"`
		Tops   []string   `json:"tops"`
	}
	if err := json.Unmarshal([]byte(text), &in); err != nil {
		return nil, err
	}
	t := &tail{}
	for i, names := range in.Names {
		e := recent{names: names}
		if i < len(in.Places) {
			e.place = in.Places[i]
		}
		t.add(e)
	}
	for _, top := range in.Tops {
		t.raise(top)
	}
	return t, nil
}

// append writes a tail behind b.
func (t *tail) append(b []byte) []byte {
	w := parts.Writer{Text: append(b, t.text...)}
	if t.text == "" {
		w.Begin(tailVersion)
		for _, class := range slices.Sorted(maps.Keys(t.tops)) {
			if t.tops[class] != t.runs[class] {
				w.String(t.tops[class])
			}
		}
		w.End()
		if len(t.runs) > 0 {
			w.Begin("r")
			for _, class := range slices.Sorted(maps.Keys(t.runs)) {
				w.String(t.runs[class])
			}
			w.End()
		}
	}
	for _, e := range t.from(t.inText) {
		w.Begin("e").Int(e.place)
		for _, name := range e.names {
			w.String(name)
		}
		w.End()
	}
	return w.Text
}

// raise notes that a name is in the index.
func (t *tail) raise(name string) {
	c := class(name)
	if top, ok := t.tops[c]; !ok || name > top {
		if t.tops == nil {
			t.tops = map[string]string{}
		}
		t.tops[c] = name
	}
}

// raiseRun notes that a name is in a run, and greater than all that are.
func (t *tail) raiseRun(name string) {
	t.raise(name)
	if t.runs == nil {
		t.runs = map[string]string{}
	}
	t.runs[class(name)] = name
}

// first is the number of the first entry in the tail of an account whose last entry is seq.
func (t *tail) first(seq int64) int64 { return seq + 1 - int64(t.n) }

// find gives the number of the entry in the tail that has a name, or 0.
func (t *tail) find(name string, seq int64) int64 {
	for e := t.last; e != nil; e = e.before {
		if slices.Contains(e.names, name) {
			return seq
		}
		seq--
	}
	return 0
}

// mayBeIndexed tells whether the index could have a name.
func (t *tail) mayBeIndexed(name string, seq int64) bool {
	if t.first(seq) <= 1 {
		return false // every entry that there is stands in the tail
	}
	top, ok := t.tops[class(name)]
	return !ok || name <= top
}

// mayBeInRun tells whether a run could have a name that may be indexed.
func (t *tail) mayBeInRun(name string) bool {
	_, known := t.tops[class(name)]
	return !known || name <= t.runs[class(name)]
}

// with is the tail after a change whose first entry lies at place, or a conflict where a
// name is there already. Entries that are found by account and number have no place, 0.
func (t *tail) with(c *ledger.Change, place int64) (*tail, error) {
	next := *t
	next.read = false
	names := c.Names
	for i := range c.Records {
		var e recent
		if place != 0 {
			e.place = place + int64(i)
		}
		for len(names) > 0 && names[0].Seq == c.Records[i].Seq {
			if slices.Contains(e.names, names[0].Name) || next.find(names[0].Name, c.To.Seq) != 0 {
				return nil, ledger.ErrConflict
			}
			e.names = append(e.names, names[0].Name)
			names = names[1:]
		}
		next.add(e)
	}
	return &next, nil
}
