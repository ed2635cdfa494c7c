package sqlstore

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/florin-studio/florin/internal/ledger"
)

// A tail may have that many entries, and that many bytes of text, before it is moved into
// the indexes. It is written with each change of its account, so that long ones cost more than they
// spare; within a page's fraction the two balance.
const (
	mostRecent = 16
	mostText   = 1400
)

// tail is what an account's row says of its newest entries, which no index knows yet. It
// is never changed once a row has it.
type tail struct {
	// recent has one element for each entry, in order; the last is the account's last entry.
	recent []recent
	// tops are the greatest names in the index by class. A name beyond them is certainly
	// not there, so that rising ids and keys need no look at all.
	tops map[string]string
	// What text puts together: the places and the names of recent, and tops. Empty where it
	// was not asked for yet.
	placesText, namesText, topsText string
}

// recent is an entry that no index knows.
type recent struct {
	// place is the entry's row on SQLite; PostgreSQL finds entries by account and number.
	place int64
	names []string
}

// tailText is how a tail is written.
type tailText struct {
	Places []int64    `json:"places,omitempty"`
	Names  [][]string `json:"names,omitempty"`
	Tops   []string   `json:"tops,omitempty"`
}

// unread is a tail as it is stored: most of those who read a row do not need it.
type unread string

// Check tells whether it can be read.
func (u unread) Check() error {
	_, err := parseTail(string(u))
	return err
}

// parseTail reads a tail; of a row that was written before there were any, it is empty.
func parseTail(text string) (*tail, error) {
	t := &tail{}
	if text == "" {
		return t, nil
	}
	var in tailText
	if err := json.Unmarshal([]byte(text), &in); err != nil {
		return nil, err
	}
	t.recent = make([]recent, len(in.Names))
	for i, names := range in.Names {
		t.recent[i].names = names
		if i < len(in.Places) {
			t.recent[i].place = in.Places[i]
		}
	}
	for _, top := range in.Tops {
		t.raise(top)
	}
	return t, nil
}

// text writes a tail as encoding/json would, and faster: a tail that came from another by
// one more entry repeats what that one wrote.
func (t *tail) text() string {
	if t.topsText == "" {
		t.topsText = topsText(t.tops)
	}
	if t.namesText == "" && len(t.recent) > 0 {
		t.write(0)
	}
	if t.placesText == "" {
		return `{"names":[` + t.namesText + `],"tops":` + t.topsText + `}`
	}
	return `{"places":[` + t.placesText + `],"names":[` + t.namesText + `],"tops":` + t.topsText + `}`
}

// write adds the entries from the i-th on to the texts of those before.
func (t *tail) write(i int) {
	places := append(make([]byte, 0, len(t.placesText)+24), t.placesText...)
	names := append(make([]byte, 0, len(t.namesText)+128), t.namesText...)
	for ; i < len(t.recent); i++ {
		if t.recent[i].place != 0 {
			if i > 0 {
				places = append(places, ',')
			}
			places = strconv.AppendInt(places, t.recent[i].place, 10)
		}
		if i > 0 {
			names = append(names, ',')
		}
		names = appendTexts(names, t.recent[i].names)
	}
	t.placesText, t.namesText = string(places), string(names)
}

func topsText(byClass map[string]string) string {
	tops := make([]string, 0, len(byClass))
	for _, top := range byClass {
		tops = append(tops, top)
	}
	slices.Sort(tops)
	return string(appendTexts(nil, tops))
}

func appendTexts(b []byte, texts []string) []byte {
	b = append(b, '[')
	for i, s := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		if strings.IndexFunc(s, func(c rune) bool { return c < ' ' || c > '~' || c == '"' || c == '\\' }) < 0 {
			b = append(append(append(b, '"'), s...), '"')
			continue
		}
		raw, _ := json.Marshal(s) // a string can always be encoded
		b = append(b, raw...)
	}
	return append(b, ']')
}

// class is the two bytes by which a name tells what it is unique among.
func class(name string) string { return name[:min(2, len(name))] }

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

// first is the number of the first entry in the tail of an account whose last entry is seq.
func (t *tail) first(seq int64) int64 { return seq + 1 - int64(len(t.recent)) }

// find gives the number of the entry in the tail that has a name, or 0.
func (t *tail) find(name string, seq int64) int64 {
	for i := range t.recent {
		if slices.Contains(t.recent[i].names, name) {
			return t.first(seq) + int64(i)
		}
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

// with is the tail after a change whose first entry lies at place, or a conflict where a
// name is there already. Entries that are found by account and number have no place, 0.
func (t *tail) with(c *ledger.Change, place int64) (*tail, error) {
	next := &tail{recent: make([]recent, len(t.recent), len(t.recent)+len(c.Records)), tops: t.tops, topsText: t.topsText}
	copy(next.recent, t.recent)
	names := c.Names
	for i := range c.Records {
		var e recent
		if place != 0 {
			e.place = place + int64(i)
		}
		next.recent = append(next.recent, e)
		for len(names) > 0 && names[0].Seq == c.Records[i].Seq {
			if next.find(names[0].Name, c.To.Seq) != 0 {
				return nil, ledger.ErrConflict
			}
			last := &next.recent[len(next.recent)-1]
			last.names = append(last.names, names[0].Name)
			names = names[1:]
		}
	}
	if len(t.recent) == 0 || t.namesText != "" {
		next.placesText, next.namesText = t.placesText, t.namesText
		next.write(len(t.recent))
	}
	return next, nil
}

// long tells that a tail is due for the indexes.
func (t *tail) long(text string) bool { return len(t.recent) > mostRecent || len(text) > mostText }

// indexed is the tail after all of it was moved into the indexes. What else they have of
// a class that it knows no top of, last tells.
func (t *tail) indexed(last func(class string) (string, error)) (*tail, error) {
	next := &tail{tops: maps.Clone(t.tops)}
	for i := range t.recent {
		for _, name := range t.recent[i].names {
			if _, ok := next.tops[class(name)]; !ok {
				top, err := last(class(name))
				if err != nil {
					return nil, err
				}
				next.raise(max(top, name))
			}
			next.raise(name)
		}
	}
	return next, nil
}
