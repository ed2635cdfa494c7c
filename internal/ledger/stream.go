package ledger

import (
	"context"
	"slices"
	"strings"

	"github.com/florin-studio/florin/token"
)

const (
	// mostParts is in how many parts a batch is streamed at most.
	mostParts = 2
	// leastPart is how many commands a part has at least: each part is some statements more.
	leastPart = 64
)

// part is some accounts of a batch with all their commands.
type part struct {
	states []*state
	items  []*item
	// changes are what they come to, once that is decided.
	changes []Change
	decided bool
}

// parts divides a batch by account, so that one part can be written while the next is
// decided. It is one part where it is too small, or where commands concern more than their own
// account: gifts have two, and codes are redeemed in the order of arrival.
func (b *batch) parts() []part {
	n := min(mostParts, len(b.items)/leastPart)
	whole := []part{{states: b.order, items: b.items}}
	if n < 2 || b.strict {
		return whole
	}
	for _, it := range b.items {
		switch it.req.Command.(type) {
		case token.SendGift, token.Redeem:
			return whole
		}
	}
	for _, it := range b.items {
		s := b.states[it.req.Account]
		s.items = append(s.items, it)
	}
	// In the order of ids, as all rows are written.
	order := slices.Clone(b.order)
	slices.SortFunc(order, func(x, y *state) int { return strings.Compare(x.account.ID, y.account.ID) })
	parts := make([]part, 1, n)
	for _, s := range order {
		p := &parts[len(parts)-1]
		if len(p.items) >= (len(b.items)+n-1)/n {
			parts = append(parts, part{})
			p = &parts[len(parts)-1]
		}
		p.states = append(p.states, s)
		p.items = append(p.items, s.items...)
	}
	return parts
}

// stream decides the parts one after the other, while the store writes those that are decided.
func (b *batch) stream(ctx context.Context, w Writer, parts []part) error {
	for i := range parts {
		if err := b.decidePart(ctx, w, &parts[i]); err != nil {
			return err
		}
		if len(parts[i].changes) == 0 {
			continue
		}
		last := i == len(parts)-1 && len(b.unwritten()) == 0
		if err := w.Append(ctx, parts[i].changes, last); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) decidePart(ctx context.Context, w Writer, p *part) (err error) {
	if !p.decided {
		p.changes, err = b.decideAll(ctx, w, p.items, p.states)
		p.decided = err == nil
	}
	return err
}
