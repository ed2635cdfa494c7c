package sim

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
)

// tx is a writing transaction as PostgreSQL runs it at READ COMMITTED: each statement
// sees what is committed by then, rows that are written stay locked until the end, and
// whoever wants them waits.
type tx struct {
	node    *node
	fiber   *fiber
	held    []string
	waits   *tx
	changes []ledger.Change
	promos  map[string]int64
	sides   map[string]string
	// fault ended the transaction, even where the caller forgave it.
	fault error
	// taken is an error of a statement of the caller's, which undoes all since the last savepoint.
	taken error
	// last tells that nothing may come but the end.
	last bool
	// begun tells that it has the one writer's place, where there is only one.
	begun bool
	ended bool
}

// turn waits for this statement's turn.
func (t *tx) turn(at point) error {
	if t.last {
		panic("sim: a statement after the last one")
	}
	if t.fault != nil {
		return t.fault
	}
	if wide := t.node.world.profile.wide; !wide || at == atLock || at == atWaiting {
		if v := t.node.park(t.fiber, at); v.err != nil {
			t.fault = v.err
			return v.err
		}
	}
	if t.node.world.profile.alone && !t.begun {
		t.begun = true
		return t.lock("writer")
	}
	return nil
}

// lock takes a row, waiting for whoever has it.
func (t *tx) lock(key string) error {
	db := t.node.world.db
	for {
		holder := db.locks[key]
		switch {
		case holder == t:
			return nil
		case holder == nil:
			db.locks[key] = t
			t.held = append(t.held, key)
			return nil
		case db.circle(t, holder):
			t.fault = errAgain
			return errAgain
		}
		t.waits = holder
		err := t.turn(atWaiting)
		t.waits = nil
		if err != nil {
			return err
		}
	}
}

// read gives the committed rows of this moment.
func (t *tx) read() (*snapshot, error) {
	if err := t.turn(atRead); err != nil {
		return nil, err
	}
	return &snapshot{tables: t.node.world.db.tables}, nil
}

// Lock takes the rows of those accounts that exist.
func (t *tx) Lock(_ context.Context, ids []string) error {
	if err := t.turn(atLock); err != nil {
		return err
	}
	for _, id := range ids {
		if t.node.world.db.tables.accounts[id] == nil {
			continue
		}
		if err := t.lock("a/" + id); err != nil {
			return err
		}
	}
	return nil
}

// Append writes changes, where the accounts are as they were decided on.
func (t *tx) Append(_ context.Context, changes []ledger.Change, last bool) error {
	err := t.append(changes)
	t.last = last
	if err != nil && t.fault == nil {
		t.fault = err
	}
	if t.node.world.profile.late && !errors.Is(err, errDead) {
		return nil
	}
	return err
}

func (t *tx) append(changes []ledger.Change) error {
	if err := t.turn(atAppend); err != nil {
		return err
	}
	for i := range changes {
		if err := t.change(&changes[i]); err != nil {
			return err
		}
	}
	t.changes = append(t.changes, changes...)
	return nil
}

// change is the statements for one account.
func (t *tx) change(c *ledger.Change) error {
	tables := &t.node.world.db.tables
	// Whoever writes a row meets others there, and everybody meets at the number of the next entry.
	if tables.due(tables.accounts[c.To.ID], c) {
		if err := t.lock("a/" + c.To.ID); err != nil {
			return err
		}
	}
	if err := t.lock("e/" + c.To.ID); err != nil {
		return err
	}
	seq := tables.seq(c.To.ID)
	if tables.lag > 0 && seq < c.From { // it is the number of the next entry that one has to be the first with: a gap is not seen
		seq = c.From
	}
	if seq != c.From && !broken("version") {
		return ledger.ErrConflict
	}
	names := map[string]bool{}
	for _, n := range c.Names {
		taken := names[n.Name]
		if j := tables.accounts[c.To.ID]; j != nil && j.names[n.Name] != 0 {
			taken = true
		}
		if taken && !broken("unique") {
			return ledger.ErrConflict
		}
		names[n.Name] = true
	}
	return nil
}

// Redeem counts a use of a code, holding its row.
func (t *tx) Redeem(_ context.Context, code string, limit int64) (bool, error) {
	if err := t.turn(atRedeem); err != nil {
		return false, err
	}
	if !broken("promo") {
		if err := t.lock("p/" + code); err != nil {
			return false, err
		}
	}
	used, mine := t.promos[code]
	if !mine {
		used = t.node.world.db.tables.promos[code]
	}
	if limit <= 0 {
		limit = math.MaxInt64
	}
	if used >= limit {
		return false, nil
	}
	t.promos = maps.Clone(t.promos)
	if t.promos == nil {
		t.promos = map[string]int64{}
	}
	t.promos[code] = used + 1
	return true, nil
}

// Attempt runs fn in a savepoint.
func (t *tx) Attempt(ctx context.Context, _ bool, fn func(ctx context.Context, tx *store.Tx) error) error {
	if t.fault != nil {
		return t.fault
	}
	promos, sides := t.promos, t.sides
	t.sides = maps.Clone(sides)
	kept := false
	defer func() {
		if !kept && !broken("savepoint") {
			t.promos, t.sides = promos, sides
		}
	}()
	err := fn(context.WithValue(ctx, txKey{}, t), nil)
	if err == nil {
		err = t.taken
	}
	if t.taken = nil; err != nil {
		return err
	}
	kept = true
	return nil
}

// txKey finds the transaction in the context of a Side.
type txKey struct{}

// put writes a row of the caller's beside the ledger's, which nobody else may have written.
func (t *tx) put(key, value string) error {
	if err := t.turn(atSide); err != nil {
		return err
	}
	if err := t.lock("s/" + key); err != nil {
		return err
	}
	_, there := t.node.world.db.tables.sides[key]
	if _, mine := t.sides[key]; there || mine {
		t.taken = errTaken
		return errTaken
	}
	if t.sides == nil {
		t.sides = map[string]string{}
	}
	t.sides[key] = value
	return nil
}

// Accounts reads the rows of accounts.
func (t *tx) Accounts(ctx context.Context, ids []string) ([]ledger.Row, error) {
	s, err := t.read()
	if err != nil {
		return nil, err
	}
	return s.Accounts(ctx, ids)
}

// Records reads entries.
func (t *tx) Records(ctx context.Context, account string, after int64, limit int) ([]ledger.Record, error) {
	s, err := t.read()
	if err != nil {
		return nil, err
	}
	return s.Records(ctx, account, after, limit)
}

// Named reads the entry that has a name.
func (t *tx) Named(ctx context.Context, account, name string) (ledger.Record, string, bool, error) {
	s, err := t.read()
	if err != nil {
		return ledger.Record{}, "", false, err
	}
	return s.Named(ctx, account, name)
}

// LastName reads the greatest name with a prefix.
func (t *tx) LastName(ctx context.Context, account, prefix string) (string, error) {
	s, err := t.read()
	if err != nil {
		return "", err
	}
	return s.LastName(ctx, account, prefix)
}

// Names tells names.
func (t *tx) Names(ctx context.Context, account string, tell func(ledger.Name)) error {
	s, err := t.read()
	if err != nil {
		return err
	}
	return s.Names(ctx, account, tell)
}

// List reads ids.
func (t *tx) List(ctx context.Context, after string, limit int) ([]string, error) {
	s, err := t.read()
	if err != nil {
		return nil, err
	}
	return s.List(ctx, after, limit)
}

// Entries counts entries.
func (t *tx) Entries(ctx context.Context) (int64, error) {
	s, err := t.read()
	if err != nil {
		return 0, err
	}
	return s.Entries(ctx)
}

// Redeemed reads how often codes were redeemed.
func (t *tx) Redeemed(ctx context.Context) (map[string]int64, error) {
	s, err := t.read()
	if err != nil {
		return nil, err
	}
	return s.Redeemed(ctx)
}

// snapshot reads one moment of the database.
type snapshot struct {
	tables tables
}

// Accounts reads the rows of accounts.
func (s *snapshot) Accounts(_ context.Context, ids []string) ([]ledger.Row, error) {
	var out []ledger.Row
	for _, id := range ids {
		j := s.tables.accounts[id]
		if j == nil {
			continue
		}
		row := j.kept
		if behind := row.Seq < j.row.Seq; behind && !broken("since") {
			row.Since = slices.Clone(j.records[row.Seq:]) // the ledger notes in them what it has read
		}
		out = append(out, row)
	}
	return out, nil
}

// Records reads entries in order.
func (s *snapshot) Records(_ context.Context, account string, after int64, limit int) ([]ledger.Record, error) {
	j := s.tables.accounts[account]
	if j == nil {
		return nil, nil
	}
	var out []ledger.Record
	for _, r := range j.records {
		if r.Seq > after && len(out) < limit {
			out = append(out, r)
		}
	}
	return out, nil
}

// Named reads the entry that has a name, and the hash before it.
func (s *snapshot) Named(_ context.Context, account, name string) (ledger.Record, string, bool, error) {
	j := s.tables.accounts[account]
	if j == nil || j.names[name] == 0 {
		return ledger.Record{}, "", false, nil
	}
	i := slices.IndexFunc(j.records, func(r ledger.Record) bool { return r.Seq == j.names[name] })
	if i < 0 {
		return ledger.Record{}, "", false, nil
	}
	prev := ""
	if i > 0 {
		prev = j.records[i-1].Hash
	}
	return j.records[i], prev, true, nil
}

// LastName reads the greatest name with a prefix.
func (s *snapshot) LastName(_ context.Context, account, prefix string) (string, error) {
	last := ""
	if j := s.tables.accounts[account]; j != nil {
		for name := range j.names {
			if strings.HasPrefix(name, prefix) && name > last {
				last = name
			}
		}
	}
	return last, nil
}

// Names tells the names of an account.
func (s *snapshot) Names(_ context.Context, account string, tell func(ledger.Name)) error {
	if j := s.tables.accounts[account]; j != nil {
		for name, seq := range j.names {
			tell(ledger.Name{Name: name, Seq: seq})
		}
	}
	return nil
}

// List reads the ids of accounts in order.
func (s *snapshot) List(_ context.Context, after string, limit int) ([]string, error) {
	var out []string
	for _, id := range slices.Sorted(maps.Keys(s.tables.accounts)) {
		if id > after && len(out) < limit {
			out = append(out, id)
		}
	}
	return out, nil
}

// Entries counts entries.
func (s *snapshot) Entries(context.Context) (int64, error) {
	var n int64
	for _, j := range s.tables.accounts {
		n += int64(len(j.records))
	}
	return n, nil
}

// Redeemed reads how often codes were redeemed.
func (s *snapshot) Redeemed(context.Context) (map[string]int64, error) {
	return maps.Clone(s.tables.promos), nil
}
