package ledger

import (
	"context"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
)

// batch is the commands of one transaction, and what deciding them has changed so far.
type batch struct {
	ledger *Ledger
	items  []*item
	rules  *token.Rules
	// strict makes every decision look for repeats first.
	strict bool
	states map[string]*state
	// order has the states in the order in which they were touched.
	order []*state
	// mine are hashes of entries that an earlier run may have written.
	mine map[string]bool
	// again tells that the batch was not written as it was decided first.
	again bool
	// seen is closed once everybody sees what the batch wrote, or it has failed for good; steady tells from then on
	// that it was written as it was decided first.
	seen   chan struct{}
	steady bool
	// sent is called whenever all is decided and sent to the store; nil for nothing.
	sent func()
	// before is the batch on whose states this one is decided ahead.
	before *before
	// ahead are the parts of a batch that was decided before its transaction; only its first run has them.
	ahead []part
	// claimed are those of mine that a command of this run has taken for its own: its
	// repeats in the same batch are repeats.
	claimed map[string]bool
}

// state is an account within a batch: as it was, and as it is after the commands so far.
type state struct {
	account token.Account
	// from is the number of the account's last entry before the batch; 0 where it is not open.
	from int64
	// aside is what the store gave with the row; change is what the commands so far come to.
	aside   any
	change  *Change
	records []Record
	names   []Name
	// pending are the entries of names, in their order.
	pending []*token.Entry
	cached  bool
	// items are the account's commands, where the batch is streamed.
	items []*item
	// damaged is why the account's row can't be used; others are not held up by it.
	damaged error
	// beside tells that what belongs to a command beyond its account was refused.
	beside bool
}

func newBatch(l *Ledger, items []*item) *batch {
	return &batch{ledger: l, items: items, seen: make(chan struct{})}
}

// anew prepares another run that trusts neither the cache nor the absence of repeats.
func (b *batch) anew(mine []string) {
	b.strict, b.again = true, true
	for _, s := range b.order {
		b.ledger.cache.drop(s.account.ID)
	}
	if b.mine == nil {
		b.mine = map[string]bool{}
	}
	for _, hash := range mine {
		b.mine[hash] = true
	}
}

// written lists the hashes of the entries of the last run.
func (b *batch) written() []string {
	var hashes []string
	for _, s := range b.order {
		for i := range s.records {
			hashes = append(hashes, s.records[i].Hash)
		}
	}
	return hashes
}

// run decides all commands and writes what they changed. It may run again.
func (b *batch) run(ctx context.Context, w Writer) error {
	parts := b.ahead
	b.ahead = nil
	if parts == nil {
		b.begin()
		if err := b.load(ctx, w); err != nil {
			return err
		}
		parts = b.parts()
	}
	if err := b.stream(ctx, w, parts); err != nil {
		return err
	}
	if err := b.confirm(ctx, w); err != nil {
		return err
	}
	if b.sent != nil {
		b.sent()
	}
	return nil
}

// begin forgets what an earlier run has decided.
func (b *batch) begin() {
	b.rules, b.claimed = b.ledger.rules(), map[string]bool{}
	b.states, b.order = make(map[string]*state, len(b.items)), b.order[:0]
}

// confirm makes sure that refusals were not decided on an old state: an account that
// is written to is compared there, one that is not is compared here. Locks do not spare that:
// they leave out an account that was opened after them.
func (b *batch) confirm(ctx context.Context, w Writer) error {
	states := b.unwritten()
	if len(states) == 0 {
		return nil
	}
	ids := make([]string, len(states))
	open := 0
	for i, s := range states {
		ids[i] = s.account.ID
		if s.from > 0 {
			open++
		}
	}
	rows, err := w.Accounts(ctx, ids)
	if err != nil {
		return err
	}
	if len(rows) != open {
		return ErrConflict
	}
	for _, row := range rows {
		seq, hash := row.last()
		if s := b.states[row.ID]; s.from != seq || s.account.Hash != hash {
			return ErrConflict
		}
	}
	return nil
}

// unwritten are the accounts that were decided about and are not written to. One that is not open counts
// only where its opening was refused by what is written beside it, since that others write, too.
func (b *batch) unwritten() []*state {
	var states []*state
	for _, s := range b.order {
		if len(s.records) == 0 && (s.from != 0 || s.beside) {
			states = append(states, s)
		}
	}
	return states
}

// decideAll decides commands in order and gives what they changed in these accounts.
func (b *batch) decideAll(ctx context.Context, w Writer, items []*item, states []*state) ([]Change, error) {
	for _, it := range items {
		it.receipt, it.err = token.Receipt{}, nil
		if err := b.decide(ctx, w, it); err != nil {
			return nil, err
		}
	}
	return changes(states), nil
}

// load brings in the accounts of all commands, from the cache where they are there.
func (b *batch) load(ctx context.Context, w Writer) error {
	var missing []string
	add := func(id string) {
		if b.states[id] != nil {
			return
		}
		s := &state{account: token.Account{ID: id}}
		b.states[id] = s
		b.order = append(b.order, s)
		if !b.strict {
			if k, ok := b.remembered(id); ok {
				s.account, s.from, s.aside, s.cached = k.account, k.account.Seq, k.aside, true
				return
			}
		}
		missing = append(missing, id)
	}
	for _, it := range b.items {
		add(it.req.Account)
		if send, ok := it.req.Command.(token.SendGift); ok {
			add(send.To)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if w == nil {
		return errAhead
	}
	slices.Sort(missing)
	if b.strict {
		if err := w.Lock(ctx, missing); err != nil {
			return err
		}
	}
	rows, err := w.Accounts(ctx, missing)
	if err != nil {
		return err
	}
	for _, row := range rows {
		s := b.states[row.ID]
		a, err := decodeState(row)
		if err != nil {
			s.damaged = err
			continue
		}
		s.account, s.from, s.aside = a, a.Seq, row.Aside
	}
	return nil
}

// decide decides one command. What it returns is a failure of the whole batch; a
// refusal goes into the item.
func (b *batch) decide(ctx context.Context, w Writer, it *item) error {
	plan := plan{batch: b, item: it}
	if it.err = plan.decide(ctx, w); it.err != nil {
		return plan.failed
	}
	telling := plan.telling()
	if plan.redeems() || telling != nil || it.req.Side != nil && !plan.repeat {
		if it.err = b.beside(ctx, w, it, &plan, telling); it.err != nil {
			it.receipt = token.Receipt{}
			if plan.failed != nil || b.strict {
				return plan.failed
			}
			return b.repeated(ctx, w, it)
		}
	}
	plan.adopt()
	return nil
}

// repeated looks whether a command that was refused beside its account is a repeat of which the account's
// state does not tell, so that it met the rows of its first time. Its names would tell in Append, but
// what is refused writes none.
func (b *batch) repeated(ctx context.Context, w Writer, it *item) error {
	plan := plan{batch: b, item: it, strict: true}
	err := plan.decide(ctx, w)
	switch {
	case plan.failed != nil:
		return plan.failed
	case err != nil || plan.repeat:
		it.err = err
	default:
		it.receipt = token.Receipt{}
	}
	return nil
}

// beside writes what belongs to a command beyond its account: a code's count, the
// caller's rows and what is told of it, all or nothing.
func (b *batch) beside(ctx context.Context, w Writer, it *item, p *plan, telling Telling) error {
	if w == nil {
		p.failed = errAhead
		return errAhead
	}
	redeem := func(ctx context.Context) error {
		if !p.redeems() {
			return nil
		}
		promo := b.promo(p.code())
		ok, err := w.Redeem(ctx, promo.Code, promo.Limit)
		if err != nil {
			p.failed = err
			return err
		}
		if !ok {
			return token.CodeLimitReached(promo)
		}
		return nil
	}
	if it.req.Side == nil && telling == nil {
		return redeem(ctx)
	}
	// Nobody else's command would be undone. Nothing can be confirmed in what was given up, so that a
	// refusal is decided again: it may be that of a repeat that met the rows of its first time.
	all := len(b.items) == 1 && !b.strict
	err := w.Attempt(ctx, all, func(ctx context.Context, tx *store.Tx) error {
		err := redeem(ctx)
		if err == nil && it.req.Side != nil {
			err = guard(func() error { return it.req.Side(ctx, tx, &it.receipt) })
		}
		if err == nil && telling != nil {
			err = guard(func() error { return telling(ctx, tx) })
		}
		return err
	})
	if err != nil {
		b.states[it.req.Account].beside = true
	}
	if all && err != nil && p.failed == nil {
		p.failed = ErrConflict
	}
	return err
}

// promo finds a code's terms. The code was just redeemed, so the rules have it.
func (b *batch) promo(code string) token.Promo {
	i := slices.IndexFunc(b.rules.Promos, func(p token.Promo) bool { return p.Code == code })
	return b.rules.Promos[i]
}

// guard turns a panic into an error.
func guard(fn func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &Panicked{Value: v, Stack: debug.Stack()}
		}
	}()
	return fn()
}

// changes is what was done to accounts, in the order of ids: so two processes
// never wait for each other's rows in a circle.
func changes(states []*state) []Change {
	order := slices.Clone(states)
	slices.SortFunc(order, func(x, y *state) int { return strings.Compare(x.account.ID, y.account.ID) })
	changes := make([]Change, 0, len(order))
	for _, s := range order {
		if len(s.records) == 0 {
			continue
		}
		changes = append(changes, Change{From: s.from, Aside: s.aside, To: &s.account, Records: s.records, Names: s.names})
		s.change = &changes[len(changes)-1]
	}
	return changes
}

// keep remembers the accounts as they are on disk now.
func (b *batch) keep() {
	for _, s := range b.order {
		switch {
		case len(s.records) > 0:
			b.ledger.cache.put(s.account, s.change.Aside)
		case s.account.Seq > 0 && !s.cached:
			b.ledger.cache.put(s.account, s.aside)
		}
	}
}

// fail answers every item with the error: nothing was written.
func (b *batch) fail(err error) {
	b.again = true
	for _, it := range b.items {
		it.receipt, it.err = token.Receipt{}, err
	}
}
