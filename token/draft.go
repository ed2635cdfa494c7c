package token

import (
	"slices"
	"sync"
)

// draft is an account being changed together with the entry that records it. Every
// change goes through the draft, so the entry is complete by construction.
type draft struct {
	r *Rules
	a Account
	e Entry
	// now is the instant being decided: a boundary while rolling, else the command's time.
	now Instant
	// key is the caller's, for grants that take their id from it.
	key string
	// before is what the facts were when the entry began.
	before Facts
}

// drafts are used again: one is as large as all that a charge leaves behind.
var drafts = sync.Pool{New: func() any { return new(draft) }}

func newDraft(r *Rules, a Account, kind string, at Instant) *draft {
	d := drafts.Get().(*draft)
	*d = draft{r: r, a: a.clone(), now: at, before: a.Facts}
	d.e = Entry{Account: a.ID, Seq: a.Seq + 1, At: at, Kind: kind, Catalog: r.Version, Prev: a.Hash}
	return d
}

// changed tells whether the entry says anything.
func (d *draft) changed() bool {
	return len(d.e.Grants) > 0 || len(d.e.Postings) > 0 || d.e.Hold != nil || len(d.e.Closed) > 0 ||
		d.e.RelaxedReset || d.a.Facts != d.before
}

// seal completes the entry and moves the account to it. The draft is of no use afterwards.
func (d *draft) seal(at Instant) (Account, Entry) {
	if d.a.Facts != d.before {
		facts := d.a.Facts
		d.e.Facts = &facts
	}
	d.a.prune()
	d.a.At, d.a.Seq = at, d.e.Seq
	d.e.Balance = d.r.balanceAt(&d.a, at)
	d.e.chain()
	d.a.Hash = d.e.Hash
	a, e := d.a, d.e
	*d = draft{}
	drafts.Put(d)
	return a, e
}

// post records a posting and applies it; a posting that does not fit is a fault of this package.
func (d *draft) post(p Posting) {
	if p.Tokens == 0 {
		return
	}
	if p.At == 0 && d.now != d.e.At {
		p.At = d.now
	}
	if err := d.a.post(&p); err != nil {
		panic("token: " + err.Error())
	}
	d.e.Postings = append(d.e.Postings, p)
}

// putGrant records a grant's terms and applies them.
func (d *draft) putGrant(g Grant) {
	d.a.putGrant(g)
	i := slices.IndexFunc(d.e.Grants, func(x Grant) bool { return x.ID == g.ID })
	g.Remaining, g.Frozen, g.Gone = 0, 0, 0
	if i >= 0 {
		d.e.Grants[i] = g
		return
	}
	d.e.Grants = append(d.e.Grants, g)
}

// issue opens a new grant with its whole amount available, coming from a place. New
// tokens end the negative display of relaxed generation (T22).
func (d *draft) issue(from Place, g Grant, why string) {
	if g.Amount == 0 {
		return
	}
	d.putGrant(g)
	d.post(Posting{Grant: g.ID, From: from, To: Available, Tokens: g.Amount, Why: why})
	if g.Starts <= d.now {
		d.resetRelaxed()
	}
}

// resetRelaxed sets relaxed_used to zero (T22).
func (d *draft) resetRelaxed() {
	counted := d.a.Facts.RelaxedUsed != 0
	for i := range d.a.Holds {
		counted = counted || d.a.Holds[i].Counted != 0
	}
	if !counted {
		return
	}
	d.a.Facts.RelaxedUsed = 0
	d.a.clearCounts()
	d.e.RelaxedReset = true
}

// openHold records and applies a new hold; parts follow as postings.
func (d *draft) openHold(h Hold) {
	d.a.Holds = append(d.a.Holds, h)
	d.e.Hold = &h
}

// closeHold records and applies a hold's end.
func (d *draft) closeHold(id string) {
	if err := d.a.dropHold(id); err != nil {
		panic("token: " + err.Error())
	}
	d.e.Closed = append(d.e.Closed, id)
}

// plan is the account's plan; a plan that the catalog dropped gives nothing any more.
func (d *draft) plan() (Plan, bool) { return d.r.Plan(d.a.Facts.Plan) }
