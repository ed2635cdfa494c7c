package sim

import (
	"maps"
	"slices"

	"github.com/florin-studio/florin/internal/ledger"
)

// database is what all processes share: a log of commits, of which a part is on disk,
// and the tables that follow from it.
type database struct {
	log []record
	// synced is how many records of the log are on disk; a crash loses the others.
	synced int
	// bad tells that the disk failed to keep something; it keeps nothing more.
	bad    bool
	tables tables
	// locks has the transaction that holds each row, by "a/account" or "p/code".
	locks map[string]*tx
	// open has the transactions that have not ended, also those whose process is gone.
	open []*tx
}

// record is one commit in the log.
type record struct {
	changes []ledger.Change
	promos  map[string]int64
	sides   map[string]string
	// torn tells that the disk has only the beginning of it.
	torn bool
}

// tables are the committed rows. Journals are never changed in place, so that a copy of
// the maps is a moment of the database.
type tables struct {
	// lag is how many entries an account may have that its row does not tell of.
	lag      int64
	accounts map[string]*journal
	promos   map[string]int64
	sides    map[string]string
}

// journal is all rows of one account.
type journal struct {
	// row is the account as its last entry left it; kept is the row that was written last.
	row     ledger.Row
	kept    ledger.Row
	records []ledger.Record
	names   map[string]int64
}

func newDatabase(lag int64) *database {
	return &database{tables: newTables(lag), locks: map[string]*tx{}}
}

func newTables(lag int64) tables {
	return tables{lag: lag, accounts: map[string]*journal{}, promos: map[string]int64{}, sides: map[string]string{}}
}

// moment is a copy that later commits leave alone.
func (t *tables) moment() tables {
	return tables{lag: t.lag, accounts: maps.Clone(t.accounts), promos: maps.Clone(t.promos), sides: t.sides}
}

// seq is the number of an account's last entry, 0 where it is not open.
func (t *tables) seq(account string) int64 {
	if j := t.accounts[account]; j != nil {
		return j.row.Seq
	}
	return 0
}

// due tells whether a change writes the account's row, or its entries only.
func (t *tables) due(last *journal, c *ledger.Change) bool {
	return last == nil || c.To.Seq-last.kept.Seq > t.lag
}

// apply brings a record into the tables.
func (t *tables) apply(r *record) {
	for i := range r.changes {
		c := &r.changes[i]
		next := &journal{row: ledger.RowOf(c.To), names: map[string]int64{}}
		if last := t.accounts[c.To.ID]; last != nil {
			next.records = slices.Clip(last.records)
			next.names = maps.Clone(last.names)
		}
		next.records = append(next.records, c.Records...)
		next.kept = next.row
		if last := t.accounts[c.To.ID]; last != nil && !t.due(last, c) {
			next.kept = last.kept
		}
		for _, n := range c.Names {
			if !lost(n.Name) {
				next.names[n.Name] = n.Seq
			}
		}
		t.accounts[c.To.ID] = next
	}
	maps.Copy(t.promos, r.promos)
	maps.Copy(t.sides, r.sides)
}

// lost is a canary: rows of ended holds' names that never reach the table.
func lost(name string) bool { return broken("name") && name[0] == 'e' }

// write appends a transaction to the log, makes it durable and visible.
func (db *database) write(t *tx) {
	db.append(t)
	db.sync(len(db.log))
}

// append appends a transaction to the log and makes it visible.
func (db *database) append(t *tx) {
	r := record{changes: t.changes, promos: t.promos, sides: t.sides}
	if len(r.changes)+len(r.promos)+len(r.sides) > 0 {
		db.log = append(db.log, r)
		db.tables.apply(&r)
	}
	db.end(t)
}

// sync has the log's first n records on disk.
func (db *database) sync(n int) {
	if !broken("sync") {
		db.synced = max(db.synced, n)
	}
}

// cut lets the disk have the log's first n records, of the last of which it has the
// first changes only.
func (db *database) cut(n, changes int) {
	db.log, db.synced = db.log[:n], n
	last := &db.log[n-1]
	last.changes, last.sides, last.torn = last.changes[:changes], nil, true
}

// tear lets the disk have only the beginning of a transaction's record.
func (db *database) tear(t *tx, keep int) {
	r := record{changes: t.changes, promos: t.promos, torn: true}
	if keep < len(r.changes) {
		r.changes = r.changes[:keep]
	}
	db.log = append(db.log[:db.synced], r)
	db.synced = len(db.log)
}

// recover is the start after a crash: what was not on disk is gone, what is torn is
// thrown away, and the tables are made from what is left.
func (db *database) recover() {
	for _, t := range slices.Clone(db.open) {
		db.end(t)
	}
	db.log = db.log[:db.synced]
	if n := len(db.log); n > 0 && db.log[n-1].torn && !broken("torn") {
		db.log = db.log[:n-1]
	}
	db.synced = len(db.log)
	db.tables = newTables(db.tables.lag)
	for i := range db.log {
		db.tables.apply(&db.log[i])
	}
}

// end forgets a transaction and lets go of its rows.
func (db *database) end(t *tx) {
	t.ended = true
	for _, key := range t.held {
		delete(db.locks, key)
	}
	t.held = nil
	if i := slices.Index(db.open, t); i >= 0 {
		db.open = slices.Delete(db.open, i, i+1)
	}
}

// circle tells whether a transaction that waits for another would wait for itself.
func (db *database) circle(t, holder *tx) bool {
	for range len(db.open) + 1 {
		if holder == t {
			return true
		}
		if holder = holder.waits; holder == nil {
			return false
		}
	}
	return true
}
