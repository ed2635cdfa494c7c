package ledger

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/florin-studio/florin/token"
)

// history is an account's memory: what is stored, and what this batch adds.
type history struct {
	ctx context.Context
	// reader is nil where the store can't be asked.
	reader Reader
	state  *state
	// err is the store's failure, kept apart from refusals.
	err error
}

// stored tells whether the store has something of the account, and can be asked.
func (h *history) stored() (bool, error) {
	if h.state.from > 0 && h.reader == nil {
		h.err = errAhead
	}
	return h.state.from > 0, h.err
}

// ByName gives the entry with a unique name, or nil.
func (h *history) ByName(name string) (*token.Entry, error) {
	for i := len(h.state.names) - 1; i >= 0; i-- {
		if h.state.names[i].Name == name {
			return h.state.pending[i], nil
		}
	}
	if stored, err := h.stored(); !stored || err != nil {
		return nil, err // a new account has no past
	}
	rec, prev, found, err := h.reader.Named(h.ctx, h.state.account.ID, name)
	if err != nil {
		h.err = err
		return nil, err
	}
	if !found {
		return nil, nil
	}
	e, err := parse(h.state.account.ID, rec, prev)
	if err != nil {
		return nil, err
	}
	return &e, nil
}

// LastName gives the greatest unique name that begins with prefix, or "".
func (h *history) LastName(prefix string) (string, error) {
	last := ""
	there, err := h.stored()
	if err != nil {
		return "", err
	}
	if there {
		stored, err := h.reader.LastName(h.ctx, h.state.account.ID, prefix)
		if err != nil {
			h.err = err
			return "", err
		}
		last = stored
	}
	for _, n := range h.state.names {
		if strings.HasPrefix(n.Name, prefix) {
			last = max(last, n.Name)
		}
	}
	return last, nil
}

// Entries visits the entries after a number that have a posting of one of the grants. Others are
// not parsed, which takes most of the time.
func (h *history) Entries(after int64, grants func() []string, visit func(*token.Entry) error) error {
	var marks []string
	look := func(recs []Record) error {
		for i := range recs {
			for _, grant := range grants()[len(marks):] {
				marks = append(marks, token.PostingMark(grant))
			}
			if recs[i].Seq <= after || !slices.ContainsFunc(marks, func(mark string) bool { return strings.Contains(recs[i].Body, mark) }) {
				continue
			}
			e, err := parse(h.state.account.ID, recs[i], "")
			if err == nil {
				err = visit(&e)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	if _, err := h.stored(); err != nil {
		return err
	}
	for last := after; last < h.state.from; {
		recs, err := h.reader.Records(h.ctx, h.state.account.ID, last, int(min(page, h.state.from-last)))
		if err != nil {
			h.err = err
			return err
		}
		if len(recs) == 0 {
			break
		}
		if err := look(recs); err != nil {
			return err
		}
		last = recs[len(recs)-1].Seq
	}
	return look(h.state.records)
}

// parse reads an entry from its row.
func parse(account string, rec Record, prev string) (token.Entry, error) {
	e, err := token.ParseEntry([]byte(rec.Body))
	if err != nil {
		return e, fmt.Errorf("ledger: entry %d of account %q is damaged (verify tells more): %w", rec.Seq, account, err)
	}
	e.Prev, e.Hash = prev, rec.Hash
	return e, nil
}
