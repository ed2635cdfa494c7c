package token

import "strings"

// Book is the smallest ledger: accounts and journals in memory, without durability,
// for tests, scenarios and simulations. The zero value is ready. It is not safe for
// concurrent use.
type Book struct {
	accounts map[string]Account
	journal  map[string][]Entry
	names    map[string]map[string]int
	codes    map[string]int64
}

// Receipt is the answer to a request that was accepted.
type Receipt struct {
	// Entry records what happened; for a repeat, what happened the first time (T17). It is
	// nil for a Touch.
	Entry *Entry
	// Account is the account after it.
	Account Account
	// Replayed tells that the request had been decided before.
	Replayed bool
}

// Account gives an account's state as of its last entry.
func (b *Book) Account(id string) (Account, bool) {
	a, ok := b.accounts[id]
	return a, ok
}

// Journal gives an account's entries in order.
func (b *Book) Journal(id string) []Entry { return b.journal[id] }

// Submit decides a request for an account and remembers what it changed. Errors are those
// of [Rules.Decide], and refusals with unknown_account and code_used_up. A SendGift is a
// [Book.Transfer].
func (b *Book) Submit(r *Rules, account string, req Request) (Receipt, error) {
	if send, gift := req.Command.(SendGift); gift {
		return b.Transfer(r, account, send, req)
	}
	a, ok := b.accounts[account]
	if !ok {
		if _, opens := req.Command.(Open); !opens {
			return Receipt{}, &Refusal{Reason: UnknownAccount, Field: "account", Value: account, Allowed: "an open account"}
		}
		a = Account{ID: account}
	}
	d, err := r.Decide(a, req, b.of(account), true)
	if err != nil {
		return Receipt{}, err
	}
	if d.Replay != nil {
		return Receipt{Entry: d.Replay, Account: a, Replayed: true}, nil
	}
	if refusal := b.countCode(r, d.Entries); refusal != nil {
		return Receipt{}, refusal
	}
	b.write(account, d)
	receipt := Receipt{Account: d.Account}
	if n := len(d.Entries); n > 0 && d.Entries[n-1].Kind != "roll" {
		receipt.Entry = &d.Entries[n-1]
	}
	return receipt, nil
}

// Transfer gives tokens to another account: both accounts change or neither (T27).
func (b *Book) Transfer(r *Rules, from string, send SendGift, req Request) (Receipt, error) {
	if _, ok := b.accounts[send.To]; !ok {
		return Receipt{}, &Refusal{Reason: UnknownAccount, Field: "to", Value: send.To, Allowed: "an open account"}
	}
	sender, receiver := b.accounts[from], b.accounts[send.To]
	req.Command = send
	d, err := r.Decide(sender, req, b.of(from), true)
	if err != nil {
		return Receipt{}, err
	}
	if d.Replay != nil {
		return Receipt{Entry: d.Replay, Account: sender, Replayed: true}, nil
	}
	entry := &d.Entries[len(d.Entries)-1]
	back := Request{Key: "gift/" + from + "/" + send.ID, At: req.At, Command: ReceiveGift{ID: send.ID, From: from, Parts: GiftParts(entry)}}
	received, err := r.Decide(receiver, back, b.of(send.To), true)
	if err != nil {
		return Receipt{}, err
	}
	if received.Replay != nil {
		return Receipt{}, taken(sentName(send.ID))
	}
	b.write(from, d)
	b.write(send.To, received)
	return Receipt{Entry: entry, Account: d.Account}, nil
}

// countCode holds a code's total limit (T26).
func (b *Book) countCode(r *Rules, entries []Entry) *Refusal {
	if len(entries) == 0 || entries[len(entries)-1].Code == "" {
		return nil
	}
	code := entries[len(entries)-1].Code
	p, _ := r.promo(code)
	if p.Limit > 0 && b.codes[code] >= p.Limit {
		return CodeLimitReached(p)
	}
	if b.codes == nil {
		b.codes = map[string]int64{}
	}
	b.codes[code]++
	return nil
}

// CodeLimitReached is the refusal of a code that enough accounts have redeemed (T26).
func CodeLimitReached(p Promo) *Refusal {
	return &Refusal{Reason: CodeUsedUp, Field: "code", Value: p.Code, Allowed: "a code that is not used up", Limit: p.Limit}
}

func (b *Book) write(account string, d Decision) {
	if b.accounts == nil {
		b.accounts, b.journal, b.names = map[string]Account{}, map[string][]Entry{}, map[string]map[string]int{}
	}
	b.accounts[account] = d.Account
	b.journal[account] = append(b.journal[account], d.Entries...)
	if b.names[account] == nil {
		b.names[account] = map[string]int{}
	}
	for _, name := range d.Names {
		b.names[account][name] = len(b.journal[account]) - 1
	}
}

// shelf is one account's part of a book, as Decide wants it.
type shelf struct {
	entries []Entry
	names   map[string]int
}

func (b *Book) of(account string) shelf {
	return shelf{entries: b.journal[account], names: b.names[account]}
}

// ByName gives the entry with a unique name.
func (s shelf) ByName(name string) (*Entry, error) {
	if i, ok := s.names[name]; ok {
		return &s.entries[i], nil
	}
	return nil, nil
}

// LastName gives the greatest unique name that begins with prefix.
func (s shelf) LastName(prefix string) (string, error) {
	last := ""
	for name := range s.names {
		if strings.HasPrefix(name, prefix) && name > last {
			last = name
		}
	}
	return last, nil
}

// Entries visits all entries after a number.
func (s shelf) Entries(after int64, _ func() []string, visit func(*Entry) error) error {
	for i := range s.entries {
		if s.entries[i].Seq <= after {
			continue
		}
		if err := visit(&s.entries[i]); err != nil {
			return err
		}
	}
	return nil
}
