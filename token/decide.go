package token

import (
	"encoding/json"
	"errors"
	"reflect"
	"sort"
	"strings"
)

// History is what a ledger remembers of one account beyond its state.
type History interface {
	// ByName gives the entry with a unique name (see Names), or nil.
	ByName(name string) (*Entry, error)
	// LastName gives the greatest unique name that begins with prefix, or "".
	LastName(prefix string) (string, error)
	// Entries visits entries with numbers greater than after, in their order. It may leave out
	// those without a posting of any of the grants that it is given before each entry.
	Entries(after int64, grants func() []string, visit func(*Entry) error) error
}

// Decision is the outcome of Decide: a new state with its entries, or the entry of the
// same command decided before.
type Decision struct {
	Account Account
	Entries []Entry
	// Names are the unique names of the last entry; a ledger stores them with it.
	Names []string
	// Replay is the first receipt of a repeated command; nothing new happened (T17).
	Replay *Entry
}

// Decide is Apply with memory: repeats of a command return its first receipt, and what
// may happen once happens once (T17). With strict false the memory is asked only when
// the account's state says no: right for ledgers whose store refuses a second entry of
// the same unique name, which then decide again with strict true.
//
// Errors are those of [Rules.Apply], a *Refusal with idempotency_conflict or hold_closed,
// and what the history returns. With any error nothing has changed.
func (r *Rules) Decide(a Account, req Request, h History, strict bool) (Decision, error) {
	if strict {
		if d, done, err := repeat(a, req, h); done {
			return d, err
		}
	}
	complete, err := r.withEvidence(a, req, h)
	if err != nil {
		return Decision{Account: a}, err
	}
	after, entries, err := r.Apply(a, complete)
	var refusal *Refusal
	if errors.As(err, &refusal) {
		if d, done, err := repeat(a, req, h); done {
			return d, err
		}
		return Decision{Account: a}, closed(refusal, req, h)
	}
	if err != nil {
		return Decision{Account: a}, err
	}
	names := Names(complete, entries)
	if strict {
		for _, name := range names {
			if e, err := h.ByName(name); err != nil {
				return Decision{Account: a}, err
			} else if e != nil {
				return Decision{Account: a}, taken(name)
			}
		}
	}
	return Decision{Account: after, Entries: entries, Names: names}, nil
}

// Names are the unique names of a request's entry, the last of entries: the caller's
// idempotency key (T17) and what may happen only once to a hold, a charge, a grant or
// a dispute. A store refuses a second entry with any of them.
func Names(req Request, entries []Entry) []string {
	if len(entries) == 0 || entries[len(entries)-1].Kind == "roll" {
		return nil
	}
	var names []string
	if req.Key != "" {
		names = append(names, KeyName(req.Key))
	}
	return append(names, structuralKeys(req, &entries[len(entries)-1])...)
}

// repeat looks whether the request was decided before.
func repeat(a Account, req Request, h History) (Decision, bool, error) {
	name := req.Primary()
	if name == "" {
		return Decision{}, false, nil
	}
	first, err := h.ByName(name)
	if err != nil {
		return Decision{Account: a}, true, err
	}
	if first == nil {
		return Decision{}, false, nil
	}
	if refusal := same(first, req); refusal != nil {
		if req.Key == "" && strings.HasPrefix(name, "e/") {
			refusal = taken(name)
		}
		return Decision{Account: a}, true, refusal
	}
	return Decision{Account: a, Replay: first}, true, nil
}

// same tells whether a request asks for what an entry recorded, or which field differs (T17).
func same(first *Entry, req Request) *Refusal {
	if first.Kind != req.Command.Name() {
		return conflict("command", req.Command.Name(), first.Kind)
	}
	mine := EncodeCommand(req.Command)
	if string(mine) == string(first.Command) {
		return nil
	}
	var was, is map[string]any
	if json.Unmarshal(first.Command, &was) != nil || json.Unmarshal(mine, &is) != nil {
		return conflict("command", string(mine), string(first.Command))
	}
	var fields []string
	for f := range is {
		fields = append(fields, f)
	}
	for f := range was {
		if _, ok := is[f]; !ok {
			fields = append(fields, f)
		}
	}
	sort.Strings(fields)
	for _, f := range fields {
		if !reflect.DeepEqual(was[f], is[f]) {
			return conflict(f, compact(is[f]), compact(was[f]))
		}
	}
	return nil
}

func conflict(field, value, was string) *Refusal {
	return &Refusal{Reason: IdempotencyConflict, Field: field, Value: value, Allowed: was}
}

func compact(v any) string {
	if v == nil {
		return "nothing"
	}
	b, _ := json.Marshal(v)
	return string(b)
}

// closed turns "unknown" into "closed" for holds that there once were (T14).
func closed(refusal *Refusal, req Request, h History) error {
	var id string
	switch c := req.Command.(type) {
	case Settle:
		id = c.ID
	case Release:
		id = c.ID
	}
	if refusal.Reason != UnknownHold || id == "" {
		return refusal
	}
	first, err := h.ByName(OpenedName(id))
	if err != nil {
		return err
	}
	if first != nil {
		return taken(EndedName(id))
	}
	return refusal
}
