package ledger

import (
	"context"
	"errors"
)

// errAhead is that a decision needs the store, or more than the accounts that are in memory.
var errAhead = errors.New("ledger: this can't be decided ahead")

// before is a batch that is sent to the store, as the next one sees it.
type before struct {
	batch *batch
	// states are those that it leaves behind.
	states map[string]*state
}

// decideAhead decides a batch while the store still writes the one before it, on the states that that one leaves
// behind, and returns when everybody sees what it wrote. Nothing is asked of the store, and nothing written:
// where that is not enough, or the batch before was not written as it was sent, all is decided anew in the
// batch's own transaction.
func (b *batch) decideAhead(first *before) {
	b.before = first
	parts, err := b.decideParts()
	b.before = nil
	if decided := b.ledger.options.Decided; decided != nil {
		decided()
	}
	<-first.batch.seen
	if err == nil && first.batch.steady {
		b.ahead = parts
	}
}

// decideParts decides parts until the batch before is seen: the others can be decided while these are written.
func (b *batch) decideParts() ([]part, error) {
	ctx := context.Background()
	b.begin()
	if err := b.load(ctx, nil); err != nil {
		return nil, err
	}
	parts := b.parts()
	for i := range parts {
		select {
		case <-b.before.batch.seen:
			return parts, nil
		default:
		}
		if err := b.decidePart(ctx, nil, &parts[i]); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

// remembered is an account as the batch before leaves it, or as the cache has it.
func (b *batch) remembered(id string) (kept, bool) {
	if b.before != nil {
		if s := b.before.states[id]; s != nil && len(s.records) > 0 {
			return kept{account: s.account, aside: s.change.Aside}, true
		}
	}
	return b.ledger.cache.get(id)
}
