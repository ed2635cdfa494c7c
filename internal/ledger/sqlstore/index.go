package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/parts"
	"github.com/florin-studio/florin/internal/store"
)

// The index of unique names. Names of a class that rose within a tail, and are greater than all that
// the index has of it, stand together in one row of runs; all others have a row of
// names each. So no two runs of a class overlap, and the only run that may have a name is the
// last one of its class that does not begin after it.

const (
	// mostInRun is how many names a run has at most: who looks for one reads all of them.
	mostInRun = 32
	// mostTops is of how many classes a row remembers the greatest name. Of others the index is asked.
	mostTops = 8
	// leastCounter is how many digits at its end make a name one of a sequence.
	leastCounter = 8
)

const (
	// touchName and touchRun change nothing, and tell by their count whether a name is there.
	touchName = "UPDATE names SET seq = seq WHERE account = $1 AND name = $2"
	touchRun  = `UPDATE runs SET names = names WHERE account = $1 AND class = $2 AND replace(names, $4, '') <> names
AND name = (SELECT MAX(name) FROM runs WHERE account = $1 AND class = $2 AND name <= $3)`
	runUpTo   = "SELECT name, names FROM runs WHERE account = $1 AND class = $2 AND name <= $3 ORDER BY name DESC LIMIT 1"
	runBefore = "SELECT name, names FROM runs WHERE account = $1 AND class = $2 AND name < $3 ORDER BY name DESC LIMIT 1"
)

// class tells what a name is likely to rise among: what stands before its digits, where
// it ends with so many that they are a counter, else the two bytes that tell what it is unique among.
func class(name string) string {
	end := len(name)
	for end > 2 && name[end-1] >= '0' && name[end-1] <= '9' {
		end--
	}
	if len(name)-end >= leastCounter {
		return name[:end]
	}
	return name[:min(2, len(name))]
}

// classesOf are the classes, none longer than the prefix, that names with a prefix may be of: what stands before
// the digits at its end, or before some of them, and its first two bytes.
func classesOf(prefix string) []string {
	all := []string{prefix[:min(2, len(prefix))]}
	for end := len(prefix); end > 2; end-- {
		all = append(all, prefix[:end])
		if prefix[end-1] < '0' || prefix[end-1] > '9' {
			break
		}
	}
	return all
}

// appendRun writes one name of a run: the number of its entry and the name.
func appendRun(b []byte, n ledger.Name) []byte {
	w := parts.Writer{Text: b}
	w.Begin(strconv.FormatInt(n.Seq, 10)).String(n.Name).End()
	return w.Text
}

// inRun is what stands in a run that has the name, and in no other.
func inRun(name string) string {
	var w parts.Writer
	w.Begin("").String(name).End()
	return string(w.Text)
}

// parseNames reads a run whose first name is first.
func parseNames(first, text string) ([]ledger.Name, error) {
	var run []ledger.Name
	r := parts.Read(text)
	for kind, ok := r.Next(); ok; kind, ok = r.Next() {
		seq, err := strconv.ParseInt(kind, 10, 64)
		name := r.String()
		if err != nil || len(run) == 0 && name != first || len(run) > 0 && name <= run[len(run)-1].Name {
			r.Fail(kind)
		}
		run = append(run, ledger.Name{Name: name, Seq: seq})
	}
	if r.Err() == nil && len(run) == 0 {
		r.Fail(text)
	}
	if err := r.Err(); err != nil {
		return nil, fmt.Errorf("sqlstore: the names after %q are damaged: %w", first, err)
	}
	return run, nil
}

// index moves all of a tail into the indexes: it adds the rows by which its entries are found, and gives the
// tail that is left.
func (r *rows) index(ctx context.Context, s *statements, account string, t *tail, seq int64) (*tail, error) {
	var places []byte
	classes := map[string][]ledger.Name{}
	for i, e := range t.from(0) {
		if r.lite && e.place != 0 {
			places = strconv.AppendInt(append(places, ' '), e.place, 10)
		}
		for _, name := range e.names {
			classes[class(name)] = append(classes[class(name)], ledger.Name{Name: name, Seq: t.first(seq) + int64(i)})
		}
	}
	if len(places) > 0 {
		s.places = append(s.places, []any{account, seq, string(places[1:])})
	}
	next := &tail{home: t.home, tops: maps.Clone(t.tops), runs: maps.Clone(t.runs), written: t.written}
	from := len(s.names)
	for c, names := range classes {
		top, known := t.tops[c]
		known = known || t.first(seq) <= 1 // every entry that there is stands in the tail
		if !known && len(names) > 1 {
			last, inRun, err := r.tops(ctx, account, c)
			if err != nil {
				return nil, err
			}
			if top = max(last, inRun); top == "" || class(top) == c {
				known = true
				if inRun != "" {
					next.raiseRun(inRun)
				}
			}
		}
		run := rising(top, names) && known
		if run {
			s.run(account, c, names)
		}
		for _, n := range names {
			if !run {
				s.names = append(s.names, []any{account, n.Name, n.Seq})
			}
			if known {
				next.raise(max(top, n.Name))
			}
		}
		if run {
			next.raiseRun(names[len(names)-1].Name)
		}
	}
	next.limit(classes)
	slices.SortFunc(s.names[from:], func(x, y []any) int { return strings.Compare(x[1].(string), y[1].(string)) })
	return next, nil
}

// limit forgets the greatest names of some classes where there are too many, of those that are not in use first.
func (t *tail) limit(used map[string][]ledger.Name) {
	for _, inUse := range []bool{false, true} {
		for _, c := range slices.Sorted(maps.Keys(t.tops)) {
			if _, ok := used[c]; ok == inUse && len(t.tops) > mostTops {
				delete(t.tops, c)
				delete(t.runs, c)
			}
		}
	}
}

// rising tells whether names may stand in a run: there are some, and each is greater than the one before, and than top.
func rising(top string, names []ledger.Name) bool {
	for _, n := range names {
		if n.Name <= top {
			return false
		}
		top = n.Name
	}
	return len(names) > 1
}

// run adds the rows of names that rise.
func (s *statements) run(account, class string, names []ledger.Name) {
	for some := range slices.Chunk(names, mostInRun) {
		var text []byte
		for _, n := range some {
			text = appendRun(text, n)
		}
		s.runs = append(s.runs, []any{account, class, some[0].Name, string(text)})
	}
}

// indexed gives the number of the entry that has a name, where an index knows it, or 0.
func (r *rows) indexed(ctx context.Context, account, name string) (int64, error) {
	var seq int64
	err := r.tx.QueryRow(ctx, "SELECT seq FROM names WHERE account = $1 AND name = $2", account, name).Scan(&seq)
	if !errors.Is(err, store.ErrNoRows) {
		return seq, err
	}
	run, err := r.run(ctx, runUpTo, account, class(name), name)
	for _, n := range run {
		if n.Name == name {
			return n.Seq, nil
		}
	}
	return 0, err
}

// run reads the last run of a class up to a name; nil where there is none.
func (r *rows) run(ctx context.Context, query, account, class, to string) ([]ledger.Name, error) {
	var first, text string
	err := r.tx.QueryRow(ctx, query, account, class, to).Scan(&first, &text)
	if errors.Is(err, store.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parseNames(first, text)
}

// beyond is the least text that is greater than all that begin with a prefix. Names are ordered by bytes.
func beyond(prefix string) string { return prefix[:len(prefix)-1] + string(prefix[len(prefix)-1]+1) }

// tops gives the greatest name of a class in names, or of another class that begins like this one, and the greatest in its
// runs; "" where there is none.
func (r *rows) tops(ctx context.Context, account, class string) (last, inRun string, err error) {
	if last, err = r.lastName(ctx, account, class); err != nil {
		return "", "", err
	}
	run, err := r.run(ctx, runBefore, account, class, beyond(class))
	if len(run) > 0 {
		inRun = run[len(run)-1].Name
	}
	return last, inRun, err
}

// lastName gives the greatest name with a prefix that has a row of its own.
func (r *rows) lastName(ctx context.Context, account, prefix string) (name string, err error) {
	err = r.tx.QueryRow(ctx, "SELECT name FROM names WHERE account = $1 AND name >= $2 AND name < $3 ORDER BY name DESC LIMIT 1", account, prefix, beyond(prefix)).Scan(&name)
	if errors.Is(err, store.ErrNoRows) {
		return "", nil
	}
	return name, err
}

// lastIndexed is LastName among the names in the index: those with a row of their own, those in runs
// of classes that the prefix begins with, and those of classes that begin with the prefix.
func (r *rows) lastIndexed(ctx context.Context, account, prefix string) (string, error) {
	last, err := r.lastName(ctx, account, prefix)
	if err != nil {
		return "", err
	}
	look := func(run []ledger.Name) {
		for _, n := range run {
			if strings.HasPrefix(n.Name, prefix) {
				last = max(last, n.Name)
			}
		}
	}
	for _, c := range classesOf(prefix) {
		run, err := r.run(ctx, runBefore, account, c, beyond(prefix))
		if err != nil {
			return "", err
		}
		look(run)
	}
	q, err := r.tx.Query(ctx, "SELECT name, names FROM runs WHERE account = $1 AND class > $2 AND class < $3", account, prefix, beyond(prefix))
	if err != nil {
		return "", err
	}
	defer q.Close()
	for q.Next() {
		var first, text string
		if err := q.Scan(&first, &text); err != nil {
			return "", err
		}
		run, err := parseNames(first, text)
		if err != nil {
			return "", err
		}
		look(run)
	}
	return last, q.Close()
}

// indexedNames tells the names in the index. A run that can't be read has none: verify tells of each that is missing.
func (r *rows) indexedNames(ctx context.Context, account string, tell func(ledger.Name)) error {
	q, err := r.tx.Query(ctx, "SELECT name, seq FROM names WHERE account = $1", account)
	if err != nil {
		return err
	}
	defer q.Close()
	for q.Next() {
		var n ledger.Name
		if err := q.Scan(&n.Name, &n.Seq); err != nil {
			return err
		}
		tell(n)
	}
	if err := q.Close(); err != nil {
		return err
	}
	q, err = r.tx.Query(ctx, "SELECT class, name, names FROM runs WHERE account = $1", account)
	if err != nil {
		return err
	}
	defer q.Close()
	for q.Next() {
		var of, first, text string
		if err := q.Scan(&of, &first, &text); err != nil {
			return err
		}
		run, err := parseNames(first, text)
		if err != nil || class(first) != of {
			continue
		}
		for _, n := range run {
			tell(n)
		}
	}
	return q.Close()
}
