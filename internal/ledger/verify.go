package ledger

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/florin-studio/florin/token"
)

// Difference is a place where the rows are not what the journal gives (T30, T31).
type Difference struct {
	// Account is empty where the difference is about a promo code or about all entries.
	Account string `json:"account,omitempty"`
	// Place is "entry 7", "state", "name k/x", "code X" or "entries".
	Place string `json:"place"`
	What  string `json:"what"`
	Want  string `json:"want,omitempty"`
	Got   string `json:"got,omitempty"`
}

// String is the difference in one line.
func (d Difference) String() string {
	s := d.Place + ": " + d.What
	if d.Account != "" {
		s = "account " + d.Account + ", " + s
	}
	if d.Want != "" || d.Got != "" {
		s += fmt.Sprintf(" (want %q, got %q)", d.Want, d.Got)
	}
	return s
}

// Summary is what was verified.
type Summary struct {
	Accounts    int64 `json:"accounts"`
	Entries     int64 `json:"entries"`
	Names       int64 `json:"names"`
	Differences int64 `json:"differences"`
}

// Verify replays the journal of one account, or of all for "", and compares chain,
// sequence, sums, state, unique names and, for all, the counts of codes. Each
// difference is reported with its place; report may be nil. The error is a failure of the store. Ledgers
// may work meanwhile: each account is seen at one moment.
func (l *Ledger) Verify(ctx context.Context, account string, report func(Difference)) (Summary, error) {
	if report == nil {
		report = func(Difference) {}
	}
	v := &verifier{rules: l.rules(), report: report, codes: map[string]int64{}}
	if account != "" {
		err := l.store.Read(ctx, func(ctx context.Context, r Reader) error { return v.account(ctx, r, account) })
		if err == nil && v.sum.Accounts == 0 && v.sum.Differences == 0 {
			err = unknown("account", account)
		}
		return v.sum, err
	}
	// Codes and entries are counted in one moment before any account is read, so that what
	// happens meanwhile can only add to what the accounts say.
	var used map[string]int64
	var entries int64
	err := l.store.Read(ctx, func(ctx context.Context, r Reader) (err error) {
		if used, err = r.Redeemed(ctx); err == nil {
			entries, err = r.Entries(ctx)
		}
		return err
	})
	if err != nil {
		return v.sum, err
	}
	err = l.eachAccount(ctx, func(id string) error {
		return l.store.Read(ctx, func(ctx context.Context, r Reader) error { return v.account(ctx, r, id) })
	})
	if err == nil {
		v.compareCodes(used)
		v.compareEntries(entries)
	}
	return v.sum, err
}

// eachAccount visits every account that has any row.
func (l *Ledger) eachAccount(ctx context.Context, visit func(id string) error) error {
	after := ""
	for {
		var ids []string
		err := l.store.Read(ctx, func(ctx context.Context, r Reader) (err error) {
			ids, err = r.List(ctx, after, page)
			return err
		})
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := visit(id); err != nil {
				return err
			}
		}
		if len(ids) == 0 {
			return nil
		}
		after = ids[len(ids)-1]
	}
}

// verifier collects differences; now describes the account at hand.
type verifier struct {
	rules  *token.Rules
	report func(Difference)
	sum    Summary
	codes  map[string]int64
	now    struct {
		id string
		// folded is the state that the journal gives; broken tells that it can't be known.
		folded token.Account
		broken bool
		names  map[string]int64
		// row is the account's row, nil where there is none, and want what it should be.
		row, want *Row
	}
}

func (v *verifier) differ(place, what, want, got string) {
	v.sum.Differences++
	v.report(Difference{Account: v.now.id, Place: place, What: what, Want: want, Got: got})
}

func (v *verifier) account(ctx context.Context, r Reader, id string) error {
	v.now.id, v.now.folded, v.now.broken, v.now.names = id, token.Account{}, false, map[string]int64{}
	v.now.row, v.now.want = nil, nil
	rows, err := r.Accounts(ctx, []string{id})
	if err != nil {
		return err
	}
	if len(rows) > 0 {
		v.now.row = &rows[0]
	}
	var last int64
	for {
		recs, err := r.Records(ctx, id, last, page)
		if err != nil {
			return err
		}
		for i := range recs {
			v.entry(&recs[i], last)
			last = recs[i].Seq
		}
		v.sum.Entries += int64(len(recs))
		if len(recs) < page {
			break
		}
	}
	v.state(last)
	return v.names(ctx, r)
}

// entry checks one entry and folds it. A fault is reported once: the chain goes on
// from what is stored.
func (v *verifier) entry(rec *Record, last int64) {
	place := fmt.Sprintf("entry %d", rec.Seq)
	if rec.Seq != last+1 {
		v.differ(place, "the sequence has a gap before it", fmt.Sprint(last+1), fmt.Sprint(rec.Seq))
		v.now.broken = true
	}
	e, err := token.ParseEntry([]byte(rec.Body))
	if err != nil {
		v.differ(place, "the body is damaged: "+err.Error(), "", "")
		v.now.broken = true
		v.now.folded.Hash = rec.Hash
		return
	}
	e.Prev, e.Hash = v.now.folded.Hash, rec.Hash
	v.columns(place, &e, rec)
	if hash := token.ChainHash(e.Prev, []byte(rec.Body)); hash != rec.Hash && rec.Seq == last+1 {
		v.differ(place, "the hash does not fit the body and the entry before", hash, rec.Hash)
	}
	v.fold(place, &e)
	v.unique(place, &e)
	if e.Code != "" {
		v.codes[e.Code]++
	}
}

// columns compares what is stored twice, so that rows can be asked for without reading bodies.
func (v *verifier) columns(place string, e *token.Entry, rec *Record) {
	if e.Account != v.now.id {
		v.differ(place, "the body is of another account", v.now.id, e.Account)
	}
	if e.Seq != rec.Seq {
		v.differ(place, "the body has another number", fmt.Sprint(rec.Seq), fmt.Sprint(e.Seq))
	}
	if e.At != rec.At {
		v.differ(place, "the column at is not the body's", e.At.String(), rec.At.String())
	}
	if e.Kind != rec.Kind {
		v.differ(place, "the column kind is not the body's", e.Kind, rec.Kind)
	}
	if body := string(e.Bytes()); body != rec.Body {
		v.differ(place, "the body is not in canonical form", body, rec.Body)
	}
}

func (v *verifier) fold(place string, e *token.Entry) {
	if v.now.broken {
		v.now.folded.Hash = e.Hash
		return
	}
	after, err := token.Fold(v.now.folded, e)
	if err != nil {
		v.differ(place, "it does not fit the state before: "+err.Error(), "", "")
		v.now.broken = true
		v.now.folded.Hash = e.Hash
		return
	}
	v.now.folded = after
	if v.now.row != nil && v.now.row.Seq == after.Seq {
		want := RowOf(&after)
		if isJSON(v.now.row.State) {
			want.State = string(after.AppendJSON(nil))
		}
		v.now.want = &want
	}
	if sum, wrong := wrongSum(v.rules, &after, e); wrong {
		v.differ(place, "the balance is not the sum of the grants", fmt.Sprint(sum), fmt.Sprint(e.Balance))
	}
}

// wrongSum tells whether an entry's balance is another one than the sum of the grants
// after it. Of other rules nobody knows which grants were spendable.
func wrongSum(r *token.Rules, after *token.Account, e *token.Entry) (sum int64, wrong bool) {
	if e.Catalog != r.Version {
		return e.Balance, false
	}
	sum = r.Balance(after)
	return sum, sum != e.Balance
}

// unique notes the unique names that the entry must have.
func (v *verifier) unique(place string, e *token.Entry) {
	names, err := namesOf(e)
	if err != nil {
		v.differ(place, "the command is damaged: "+err.Error(), "", "")
		return
	}
	for _, name := range names {
		if first, ok := v.now.names[name]; ok {
			v.differ(place, "it repeats what entry "+fmt.Sprint(first)+" did: "+name, "", "")
			continue
		}
		v.now.names[name] = e.Seq
	}
}

// NamesOf gives the unique names of a journal's entry (T17).
func NamesOf(rec *Record) ([]string, error) {
	if rec.entry != nil {
		return namesOf(rec.entry)
	}
	e, err := token.ParseEntry([]byte(rec.Body))
	if err != nil {
		return nil, err
	}
	return namesOf(&e)
}

// namesOf gives the unique names of a journal's entry (T17).
func namesOf(e *token.Entry) ([]string, error) {
	if e.Kind == "roll" {
		return nil, nil
	}
	c, err := token.DecodeCommand(e.Kind, e.Command)
	if err != nil {
		return nil, err
	}
	return token.Names(token.Request{Key: e.Key, At: e.At, Command: c}, []token.Entry{*e}), nil
}

// state compares the account's row with what its journal gives.
func (v *verifier) state(last int64) {
	row, want := v.now.row, v.now.want
	if row == nil {
		if last > 0 {
			v.sum.Accounts++
			v.differ("state", "there is a journal, but no account", fmt.Sprint(last), "0")
		}
		return
	}
	v.sum.Accounts++
	if seq, _ := row.last(); seq != last {
		v.differ("state", "the column seq is not the number of the last entry", fmt.Sprint(last), fmt.Sprint(seq))
	}
	if aside, ok := row.Aside.(interface{ Check() error }); ok {
		if err := aside.Check(); err != nil {
			v.differ("state", "what the store keeps beside it is damaged: "+err.Error(), "", "")
		}
	}
	if v.now.broken {
		return // said above; there is nothing to compare with
	}
	if err := v.rules.Check(&v.now.folded); err != nil {
		v.differ("state", "the journal gives a state that the rules can't lead to: "+err.Error(), "", "")
	}
	if want == nil {
		v.differ("state", "the column seq is of no entry", "", fmt.Sprint(row.Seq))
		return
	}
	if row.Hash != want.Hash {
		v.differ("state", "the column hash is not that of its entry", want.Hash, row.Hash)
	}
	if row.At != want.At {
		v.differ("state", "the column at is not that of its entry", want.At.String(), row.At.String())
	}
	if row.State != want.State {
		v.differ("state", "it is not what the journal gives", want.State, row.State)
	}
}

// names compares the unique names with those of the entries.
func (v *verifier) names(ctx context.Context, r Reader) error {
	err := r.Names(ctx, v.now.id, func(n Name) {
		v.sum.Names++
		want, ok := v.now.names[n.Name]
		switch {
		case !ok && !v.now.broken:
			v.differ("name "+n.Name, "no entry has this name", "", fmt.Sprint(n.Seq))
		case ok && want != n.Seq:
			v.differ("name "+n.Name, "it stands for another entry", fmt.Sprint(want), fmt.Sprint(n.Seq))
		}
		delete(v.now.names, n.Name)
	})
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(v.now.names)) {
		v.differ("name "+name, "it is missing, so that its command could be repeated", fmt.Sprint(v.now.names[name]), "")
	}
	return nil
}

// compareEntries compares how many entries there were at the beginning with those that were found.
func (v *verifier) compareEntries(stored int64) {
	if v.now.id = ""; v.sum.Entries < stored {
		v.differ("entries", "some are of no account's journal", fmt.Sprint(v.sum.Entries), fmt.Sprint(stored))
	}
}

// compareCodes compares the counts of codes with the entries that redeemed them (T26).
func (v *verifier) compareCodes(used map[string]int64) {
	v.now.id = ""
	for _, code := range slices.Sorted(maps.Keys(v.codes)) {
		if _, ok := used[code]; !ok {
			used[code] = 0
		}
	}
	for _, code := range slices.Sorted(maps.Keys(used)) {
		if used[code] != v.codes[code] {
			v.differ("code "+code, "its count is not the number of entries that redeemed it", fmt.Sprint(v.codes[code]), fmt.Sprint(used[code]))
		}
	}
}
