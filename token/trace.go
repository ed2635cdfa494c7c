package token

// trace follows the tokens of one grant through the journal, also into the grants to which
// they move (T10, T15), to know what became of them when its money is lost (T29).
//
// In a grant of their own each token is known. Where they lie together with others, only
// what must have been spent of them counts as spent: they are the last of a grant's tokens
// to be spent, and the first to end, to be taken away, and to come back after being spent.
type trace struct {
	grant string
	// named tells that a command made the grant, with all its tokens; others may be added to.
	named bool
	// terms are the grant's as the journal has them last, nil where it does not know the grant.
	terms *Grant
	// pots are the grants that the tokens may have come into, order how they came there.
	pots  map[string]*pot
	order []string
	// before is what the account had of each pot when it became one, as far as that is known.
	before map[string]int64
	// moving tells that tokens of a pot are between two grants, and mine how many of them are
	// followed. That never lasts longer than an entry.
	moving bool
	mine   int64
}

// pot is a grant with what is followed in it.
type pot struct {
	// all is what the account has of the grant, available, held or frozen, and mine what is followed of it.
	all, mine int64
	// spent is what was followed until it was spent, given away or used to repay.
	spent int64
	// change is how all has changed.
	change int64
}

// follow traces a grant from the entry after a number to the account as it is rolled.
func follow(grant string, named bool, after int64, rolled *Account, roll *Entry, h History) (*trace, error) {
	t := newTrace(grant, named, nil)
	err := t.read(after, roll, h)
	if err != nil || len(t.order) == 1 {
		return t, err
	}
	// Only now it is known what lay in the other grants beforehand.
	before := map[string]int64{}
	for id, p := range t.pots {
		before[id] = rolled.owns(id) - p.change
	}
	t = newTrace(grant, named, before)
	return t, t.read(after, roll, h)
}

func newTrace(grant string, named bool, before map[string]int64) *trace {
	t := &trace{grant: grant, named: named, before: before, pots: map[string]*pot{}}
	t.pot(grant)
	t.pots[grant].all = 0 // it begins with its own tokens
	return t
}

// pot finds a pot, or makes one.
func (t *trace) pot(grant string) *pot {
	p := t.pots[grant]
	if p == nil {
		p = &pot{all: t.before[grant]}
		t.pots[grant], t.order = p, append(t.order, grant)
	}
	return p
}

func (t *trace) read(after int64, roll *Entry, h History) error {
	err := h.Entries(after, func() []string { return t.order }, func(e *Entry) error {
		t.add(e)
		return nil
	})
	if err == nil && roll != nil {
		t.add(roll)
	}
	return err
}

func (t *trace) add(e *Entry) {
	made := t.terms == nil
	for i := range e.Grants {
		if e.Grants[i].ID == t.grant {
			t.terms = &e.Grants[i]
		}
	}
	for i := range e.Postings {
		t.post(&e.Postings[i], made || !t.named)
	}
}

// inside tells whether tokens in a place are the account's.
func (p Place) inside() bool { return p == Available || p == Held || p == Frozen }

// post follows one posting; mine tells that tokens that come new into the grant are followed.
func (t *trace) post(p *Posting, mine bool) {
	if p.From == Moved && t.moving {
		t.pot(p.Grant)
	}
	from := t.pots[p.Grant]
	switch in, out := p.To.inside(), p.From.inside(); {
	case from == nil || in && out:
	case in:
		from.enter(t.entering(p, from, mine), p.Tokens)
	case out:
		t.leave(from, p)
	case isSpent(p.From):
		t.arrive(p.To, from.unspend(p.Tokens))
	}
	if p.From == Moved {
		t.moving, t.mine = false, 0
	}
}

// entering is how many are followed of tokens that come into a pot.
func (t *trace) entering(p *Posting, into *pot, mine bool) int64 {
	switch {
	case isSpent(p.From):
		return into.unspend(p.Tokens)
	case p.Grant != t.grant:
		return min(t.mine, p.Tokens)
	case !mine:
		return 0
	case into.all == 0:
		into.spent = 0 // the id was another grant's before
	}
	return p.Tokens
}

func (p *pot) enter(mine, n int64) {
	p.mine += mine
	p.all += n
	p.change += n
}

// unspend gives how many are followed of n tokens that come back after being spent.
func (p *pot) unspend(n int64) int64 {
	n = min(n, p.spent)
	p.spent -= n
	return n
}

// leave takes a posting's tokens out of a pot.
func (t *trace) leave(from *pot, p *Posting) {
	n := max(from.mine-(from.all-p.Tokens), 0) // that must be among them
	if p.To == Expired || p.To == Removed {
		n = min(from.mine, p.Tokens)
	}
	from.enter(-n, -p.Tokens)
	if isSpent(p.To) || p.To == Gifted || p.To == Repaid {
		from.spent += n
		return
	}
	t.arrive(p.To, n)
}

// arrive notes tokens that are followed where they are no grant's.
func (t *trace) arrive(at Place, n int64) {
	if at == Moved {
		t.moving = true
		t.mine += n
	}
}

// lots is what became of the tokens.
func (t *trace) lots() []Lot {
	lots := make([]Lot, 0, len(t.order))
	for _, id := range t.order {
		lots = append(lots, Lot{Grant: id, Left: t.pots[id].mine, Spent: t.pots[id].spent})
	}
	return lots
}

// owns is what the account has of a grant.
func (a *Account) owns(id string) int64 {
	g, _ := a.Grant(id)
	return g.Remaining + g.Frozen + a.heldFrom(id)
}
