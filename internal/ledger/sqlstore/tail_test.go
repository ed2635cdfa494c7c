package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/token"
)

// shelf is what a journal has to be like: all of it in plain lists.
type shelf struct {
	records []ledger.Record
	names   map[string]int64
	aside   any
}

// newShelves is a store whose entries are nothing but their names.
func newShelves(db *store.DB) *Store {
	return &Store{db: db, names: func(rec *ledger.Record) (names []string, err error) {
		err = json.Unmarshal([]byte(rec.Body), &names)
		return names, err
	}}
}

func bodyOf(names ...string) string {
	body, err := json.Marshal(names)
	if err != nil {
		panic(err)
	}
	return string(body)
}

// change makes up a change of one to four entries, each with up to two names.
func (s *shelf) change(rng *rand.Rand, account string) ledger.Change {
	from := int64(len(s.records))
	c := ledger.Change{From: from, Aside: s.aside}
	if rng.IntN(4) == 0 {
		c.Aside = nil // forgotten by the ledger's memory
	}
	orderly := from/50%2 == 1 // for a while all names rise
	for i := range 1 + rng.Int64N(4) {
		seq := from + i + 1
		var names []string
		for range rng.IntN(3) {
			name := randomName(rng, seq)
			if orderly && rng.IntN(20) > 0 {
				name = fmt.Sprintf("%c/%d-%08d", "hk"[rng.IntN(2)], rng.IntN(2), seq)
			}
			if was := slices.Sorted(maps.Keys(s.names)); rng.IntN(10) == 0 && len(was) > 0 {
				name = was[rng.IntN(len(was))]
			}
			c.Names = append(c.Names, ledger.Name{Name: name, Seq: seq})
			names = append(names, name)
		}
		c.Records = append(c.Records, ledger.Record{Seq: seq, Kind: "k", Body: bodyOf(names...), Hash: fmt.Sprint("#", seq)})
	}
	last := c.Records[len(c.Records)-1]
	c.To = &token.Account{ID: account, Seq: last.Seq, Hash: last.Hash}
	return c
}

// randomName is rising or not, of several classes, often one that was there before, and sometimes hard to write.
func randomName(rng *rand.Rand, seq int64) string {
	class := []string{"h/", "e/", "k/", "x"}[rng.IntN(4)]
	switch rng.IntN(5) {
	case 0:
		return fmt.Sprintf("%s%06d", class, seq)
	case 3:
		return fmt.Sprintf("%s%d-%08d", class, rng.IntN(12), seq) // of more sequences than a row remembers
	case 1:
		return fmt.Sprintf("%s\"ü\\<%d", class, rng.IntN(200))
	}
	return fmt.Sprintf("%s%03d", class, rng.IntN(400))
}

// conflicts tells whether a change brings a name that is there, or one of them twice.
func (s *shelf) conflicts(c *ledger.Change) bool {
	mine := map[string]bool{}
	for _, n := range c.Names {
		if s.names[n.Name] != 0 || mine[n.Name] {
			return true
		}
		mine[n.Name] = true
	}
	return false
}

func (s *shelf) adopt(c *ledger.Change) {
	s.records = append(s.records, c.Records...)
	for _, n := range c.Names {
		s.names[n.Name] = n.Seq
	}
	s.aside = c.Aside
}

// TestMain stops the database server that the tests started.
func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

// onStores runs a test on both databases.
func onStores(t *testing.T, fn func(t *testing.T, db *store.DB)) {
	storetest.Each(t, func(t *testing.T, url string) { fn(t, storetest.Open(t, url)) })
}

// TestT17TailsAreNoDifference writes random changes and compares every reading with plain
// lists: where an entry's names stand, in the row or in the index, must not be seen.
func TestT17TailsAreNoDifference(t *testing.T) {
	t.Parallel()
	onStores(t, func(t *testing.T, db *store.DB) {
		refused, written, runs := 0, 0, 0
		for seed := range uint64(6) {
			if seed >= 2 && db.Engine() == "postgres" {
				break // which takes longer and has the same to find
			}
			rng := rand.New(rand.NewPCG(seed, 11))
			shelves := map[string]*shelf{fmt.Sprint("ann", seed): {names: map[string]int64{}}, fmt.Sprint("bob", seed): {names: map[string]int64{}}}
			r, w, n := tryShelves(t, newShelves(db), shelves, rng)
			refused, written, runs = refused+r, written+w, runs+n
		}
		if refused < 60 || written < 500 || runs < 8 {
			t.Errorf("%d refused and %d written, %d of those in runs: the random changes are no test", refused, written, runs)
		}
	})
}

// tryShelves tells how many changes were refused and written, and how many of the first brought a name that a run has.
func tryShelves(t *testing.T, s *Store, shelves map[string]*shelf, rng *rand.Rand) (refused, written, runs int) {
	ids := slices.Sorted(maps.Keys(shelves))
	for range 400 {
		id := ids[rng.IntN(len(ids))]
		mine := shelves[id]
		c := mine.change(rng, id)
		changes := []ledger.Change{c}
		err := s.Write(t.Context(), func(ctx context.Context, w ledger.Writer) error { return w.Append(ctx, changes, false) }, nil)
		c.Aside = changes[0].Aside
		want := mine.conflicts(&c)
		if errors.Is(err, ledger.ErrConflict) != want || err != nil && !want {
			t.Fatalf("%s from %d with %v: %v, want a conflict: %v", id, c.From, c.Names, err, want)
		}
		if want {
			refused++
			if slices.ContainsFunc(c.Names, func(n ledger.Name) bool { return mine.inRun(t, s, id, n.Name) }) {
				runs++
			}
			continue
		}
		written++
		mine.adopt(&c)
		if rng.IntN(40) == 0 { // a row as it was before there were tails, with all in the indexes
			mine.flatten(t, s, id)
		}
		mine.compare(t, s, id, rng)
	}
	return refused, written, runs
}

// TestT17NoNameTwice tries each name again that there is, after each of many entries.
func TestT17NoNameTwice(t *testing.T) {
	t.Parallel()
	onStores(t, func(t *testing.T, db *store.DB) {
		s := newShelves(db)
		var names []string
		var aside any
		write := func(from int64, aside any, name string) (any, error) {
			c := ledger.Change{From: from, Aside: aside, To: &token.Account{ID: "ann", Seq: from + 1},
				Records: []ledger.Record{{Seq: from + 1, Body: bodyOf(name)}}, Names: []ledger.Name{{Name: name, Seq: from + 1}}}
			changes := []ledger.Change{c}
			err := s.Write(t.Context(), func(ctx context.Context, w ledger.Writer) error { return w.Append(ctx, changes, false) }, nil)
			return changes[0].Aside, err
		}
		for i := range int64(3*mostRecent + 2) {
			var err error
			name := fmt.Sprintf("h/%03d", i)
			if i == 0 {
				name = "h/" + strings.Repeat(`"`, mostText) // fills a tail by itself
			}
			names = append(names, name)
			if aside, err = write(i, aside, names[i]); err != nil {
				t.Fatal(err)
			}
			for _, name := range names {
				for _, aside := range []any{aside, nil} {
					if _, err := write(i+1, aside, name); !errors.Is(err, ledger.ErrConflict) {
						t.Fatalf("after %d entries %s is written again: %v", i+1, name, err)
					}
				}
			}
		}
	})
}

// inRun tells whether a run has a name.
func (s *shelf) inRun(t *testing.T, st *Store, id, name string) (found bool) {
	t.Helper()
	err := st.db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		run, err := st.rows(tx).run(ctx, runUpTo, id, class(name), name)
		found = slices.ContainsFunc(run, func(n ledger.Name) bool { return n.Name == name })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// flatten brings everything into the indexes and forgets what they have.
func (s *shelf) flatten(t *testing.T, st *Store, id string) {
	t.Helper()
	err := st.db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		r := st.rows(tx)
		tl, seq, err := r.tailOf(ctx, id)
		if err != nil {
			return err
		}
		var rows statements
		if err := r.Names(ctx, id, func(n ledger.Name) { rows.names = append(rows.names, []any{id, n.Name, n.Seq}) }); err != nil {
			return err
		}
		for i, e := range tl.from(0) {
			if place := e.place; place != 0 {
				rows.places = append(rows.places, []any{id, tl.first(seq) + int64(i), place})
			}
		}
		_, err = tx.ExecAll(ctx, []store.Statement{
			{SQL: "DELETE FROM names WHERE account = $1", Args: [][]any{{id}}}, {SQL: "DELETE FROM runs WHERE account = $1", Args: [][]any{{id}}},
			{SQL: insertName, Args: rows.names}, {SQL: insertPlace, Args: rows.places},
			{SQL: "UPDATE accounts SET tail = '', seq = $2 WHERE id = $1", Args: [][]any{{id, seq}}},
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.aside = nil
}

// compare reads everything in every way there is.
func (s *shelf) compare(t *testing.T, st *Store, id string, rng *rand.Rand) {
	t.Helper()
	err := st.Read(t.Context(), func(ctx context.Context, r ledger.Reader) error {
		after, limit := rng.Int64N(int64(len(s.records)+1)), 1+rng.IntN(30)
		recs, err := r.Records(ctx, id, after, limit)
		if want := s.records[after:min(len(s.records), int(after)+limit)]; err != nil || !equal(recs, want) {
			t.Fatalf("%s after %d, %d: %v, %v; want %v", id, after, limit, recs, err, want)
		}
		for range 5 {
			name := randomName(rng, 1+rng.Int64N(int64(len(s.records))))
			rec, prev, found, err := r.Named(ctx, id, name)
			seq := s.names[name]
			if err != nil || found != (seq != 0) || found && (rec.Seq != seq || seq > 1 && prev != s.records[seq-2].Hash) {
				t.Fatalf("%s %q: %+v after %q, %v, %v; want %d", id, name, rec, prev, found, err, seq)
			}
		}
		all := slices.Sorted(maps.Keys(s.names))
		for _, prefix := range []string{"h/", "x", "k/\"", "e/3"} {
			want := ""
			for _, name := range all {
				if strings.HasPrefix(name, prefix) {
					want = name
				}
			}
			if last, err := r.LastName(ctx, id, prefix); err != nil || last != want {
				t.Fatalf("%s last name with %q: %q, %v; want %q", id, prefix, last, err, want)
			}
		}
		names := map[string]int64{}
		err = r.Names(ctx, id, func(n ledger.Name) { names[n.Name] = n.Seq })
		if err != nil || !maps.Equal(names, s.names) {
			t.Fatalf("%s names: %v, %v; want %v", id, names, err, s.names)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func equal(a, b []ledger.Record) bool {
	return slices.EqualFunc(a, b, func(x, y ledger.Record) bool {
		return x.Seq == y.Seq && x.Hash == y.Hash && string(x.Body) == string(y.Body)
	})
}

// TestClassesOf: a name that begins with a prefix is of one of its classes, or of one that begins with it, too.
func TestClassesOf(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"x", "k/", "k/a", "k/123456789", "h/shop-2-0000004711", "r/3/abc/0000000000000012", "r/9/123456789/0000000000000012", "k/12345678-1"} {
		for n := 1; n <= len(name); n++ {
			if all, c := classesOf(name[:n]), class(name); !slices.Contains(all, c) && (len(c) <= n || c[:n] != name[:n]) {
				t.Errorf("%q is of class %q, but names with %q are of %q", name, c, name[:n], all)
			}
		}
	}
	if all := classesOf("r/36/0198c2a4-0000-7000-8000-000000000000/"); len(all) != 2 {
		t.Errorf("a refund looks into %q, want two", all)
	}
}

// TestTailText writes random tails and reads them again, also such as earlier versions wrote.
func TestTailText(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		tl := &tail{}
		var in struct {
			Places []int64    `json:"places,omitempty"`
			Names  [][]string `json:"names,omitempty"`
			Tops   []string   `json:"tops,omitempty"`
		}
		places := rng.IntN(2) == 0
		for i := range rng.IntN(20) {
			var e recent
			if places {
				e.place = int64(i*1000 + 1)
				in.Places = append(in.Places, e.place)
			}
			for range rng.IntN(3) {
				e.names = append(e.names, randomName(rng, int64(i)))
			}
			tl.add(e)
			in.Names = append(in.Names, e.names)
		}
		for range rng.IntN(4) {
			tl.raise(randomName(rng, 1))
		}
		for _, class := range []string{"a/", "h/"}[:rng.IntN(3)] {
			tl.raiseRun(class + "9") // greater than any name of a class
		}
		for _, top := range tl.tops {
			in.Tops = append(in.Tops, top)
		}
		text := string(tl.append(nil))
		before, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{text, text + "   ", string(before)} {
			again, err := parseTail(text)
			if err != nil || !reflect.DeepEqual(again.from(0), tl.from(0)) || !maps.Equal(again.tops, tl.tops) ||
				text[0] != '{' && !maps.Equal(again.runs, tl.runs) {
				t.Fatalf("%s is read as %+v, %v; want %+v", text, again, err, tl)
			}
			again.runs = tl.runs // of which the old form knew nothing
			if again := string(again.append(nil)); again != string(tl.append(nil)) {
				t.Fatalf("%s is written again as %s", text, again)
			}
		}
	}
	for _, text := range []string{`{"names":3}`, "x", "2;", "1", "1;e", "1;e x;", "1;f 3;", "1;e 3 %;"} {
		if tl, err := parseTail(text); err == nil {
			t.Errorf("%q is read as %+v", text, tl)
		}
	}
}

// TestRowsKeepTheirLength: on SQLite a row fills its room, so that SQLite writes it over where it is: as
// long as a room has place, the table takes no page more, whatever its accounts do.
func TestRowsKeepTheirLength(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.SQLite(t))
	s := New(db)
	const accounts = 400
	asides := map[string]any{}
	write := func(from int64, code string) {
		t.Helper()
		var changes []ledger.Change
		for i := range accounts {
			id := fmt.Sprintf("a%03d", i)
			changes = append(changes, ledger.Change{From: from, Aside: asides[id], To: &token.Account{ID: id, Seq: from + 1, At: 1772366400000, Hash: strings.Repeat("f", 64), Codes: []string{code}},
				Records: []ledger.Record{{Seq: from + 1, Body: "{}"}}, Names: []ledger.Name{{Name: fmt.Sprintf("h/%012d", from), Seq: from + 1}}})
		}
		if err := s.Write(t.Context(), func(ctx context.Context, w ledger.Writer) error { return w.Append(ctx, changes, false) }, nil); err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			asides[c.To.ID] = c.Aside
		}
	}
	pages := func() (n int64) {
		t.Helper()
		err := db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			return tx.QueryRow(ctx, "SELECT COUNT(*) FROM dbstat WHERE name = 'accounts'").Scan(&n)
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	write(0, strings.Repeat("s", 100))
	first := pages()
	if want := int64(accounts / 8); first < want || first > want+want/10+2 {
		t.Errorf("%d accounts lie on %d pages, want about 8 on each", accounts, first)
	}
	for i := range int64(2 * mostRecent) { // tails come and go, holds as well; all of it fits into the room
		write(i+1, strings.Repeat("s", 80+int(i%2)*50))
		if i == 5 {
			clear(asides) // forgotten by the ledger's memory
		}
		if len(asides) == 0 {
			err := s.Read(t.Context(), func(ctx context.Context, r ledger.Reader) error {
				for i := range accounts {
					rows, err := r.Accounts(ctx, []string{fmt.Sprintf("a%03d", i)})
					if err != nil {
						return err
					}
					asides[rows[0].ID] = rows[0].Aside
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if n := pages(); i < 7 && n != first {
			t.Fatalf("after %d more commands %d pages instead of %d", i+1, n, first)
		}
	}
	grown := pages()
	for i := range int64(2 * mostRecent) {
		write(2*mostRecent+1+i, strings.Repeat("s", 80+int(i%2)*50))
	}
	if n := pages(); n != grown {
		t.Errorf("accounts that have their room went from %d to %d pages", grown, n)
	}
}
