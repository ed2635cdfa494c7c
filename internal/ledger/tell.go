package ledger

import (
	"context"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
)

// Tell is asked of each decision that leaves entries: what is to be told of them? It
// gives nil for nothing, and else what writes that, which then runs in the transaction of
// the entries: both are kept or neither. An error refuses the command. before and the
// entries are only read. Tell is called while others wait for the commit, so it must be
// quick, and may be called again for the same command.
type Tell func(rules *token.Rules, before *token.Account, d *token.Decision) Telling

// Telling writes rows in the transaction of the entries that they tell of.
type Telling func(ctx context.Context, tx *store.Tx) error

// telling asks what is to be told of a plan's moves.
func (p *plan) telling() Telling {
	tell := p.batch.ledger.options.Tell
	if tell == nil {
		return nil
	}
	var all []Telling
	for i := range p.moves {
		m := &p.moves[i]
		if len(m.decision.Entries) == 0 {
			continue
		}
		if t := tell(p.batch.rules, &m.state.account, &m.decision); t != nil {
			all = append(all, t)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return func(ctx context.Context, tx *store.Tx) error {
		for _, t := range all {
			if err := t(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	}
}
