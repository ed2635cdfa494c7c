package sim

import (
	"math/rand/v2"
	"time"

	"github.com/florin-studio/florin/internal/ledger"
)

// profile is what a seed wants from its run: each run has some kinds of faults only,
// because all of them at once hide each other.
type profile struct {
	processes, clients, accounts int
	// alone is a database with one writer at a time, as SQLite is; else rows are locked
	// one by one, as PostgreSQL does.
	alone bool
	// early has commits be visible before they are durable, as SQLite's are, so that a ledger
	// may begin the next one meanwhile.
	early bool
	// rowLag is how many entries an account may have that its row does not tell of, as on PostgreSQL.
	rowLag int64
	// late has what goes wrong in Append be told by whatever comes next, as a store does that goes on writing by itself.
	late bool
	// crowd has small batches and many clients, so that commits are often decided while the one before is written.
	crowd bool
	// wide runs have large batches, which the ledger decides and writes at the same time.
	// Their order among themselves is nobody's to decide, so that inside a transaction
	// nothing waits for a turn but for locks and the commit.
	wide    bool
	options ledger.Options
	// The rest are chances in a thousand: of a step to be a kill, a crash, a closing; of
	// a statement to fail or to meet another transaction; of a commit to be refused, to
	// find a full disk, to get no answer; of a command to be cancelled; of a Side to fail.
	kill, crash, shut           int
	fault, again                int
	refuse, full, silent, later int
	cancel, side                int
	// lose is the chance of waiting for the disk to fail for good.
	lose int
	// favourite is the rarer command that this run has more of.
	favourite int
	// rush has most commands be that one.
	rush bool
	// jumps are of clocks, forward and back.
	jumps int
}

func newProfile(rnd *rand.Rand) profile {
	maybe := func(n int) int { // half of the runs are without it
		if rnd.IntN(2) == 0 {
			return 0
		}
		return 1 + rnd.IntN(n)
	}
	p := profile{
		processes: 1 + rnd.IntN(3), clients: 2 + rnd.IntN(5), accounts: 1 + rnd.IntN(4),
		alone: rnd.IntN(3) == 0, wide: rnd.IntN(16) == 0,
		kill: maybe(25), crash: maybe(15), shut: maybe(10),
		fault: maybe(30), again: maybe(60),
		refuse: maybe(80), full: maybe(60), silent: maybe(300), later: maybe(500),
		cancel: maybe(60), side: maybe(200), jumps: maybe(100), favourite: rnd.IntN(rareKinds), rush: rnd.IntN(4) == 0,
	}
	if p.rush { // what everybody wants at once
		p.processes, p.accounts, p.clients, p.alone = 3, len(accounts), 6, false
		p.favourite = []int{gifts, codes, codes, p.favourite}[rnd.IntN(4)]
	}
	p.options = ledger.Options{Queue: 4096, Batch: 1024, Cache: 65536, RetryAfter: time.Second, Patience: time.Hour}
	if p.cancel == 0 && !p.wide && rnd.IntN(2) == 0 {
		// Whether a withdrawn command still takes a place depends on the committer's
		// speed, so small queues are for runs that withdraw nothing.
		p.options.Batch = mostTogether + rnd.IntN(3)
		p.options.Queue = p.options.Batch + rnd.IntN(3)
	}
	if rnd.IntN(3) == 0 {
		p.options.Cache = 1 + rnd.IntN(2)
	}
	if rnd.IntN(2) == 0 {
		p.options.Patience = 1 // nanosecond: gives up at the second failure
	}
	if p.alone {
		p.silent = 0 // no network, so that every commit has an answer
	}
	return p
}

// hasten has commits be visible early in most runs with one writer. Its dice are its own: what a
// seed gives in all other runs does not depend on them.
//
// How many commands a ledger's commit takes then depends on how many are still under way. Where
// a call has one command, its answer tells when they no longer are; where a commit
// takes one command, it does not matter.
func (p *profile) hasten(rnd *rand.Rand) {
	if !p.alone || p.wide || rnd.IntN(5) == 0 {
		return
	}
	p.early = true
	p.processes = max(1, rnd.IntN(4)-1)
	p.clients = 4 + rnd.IntN(4)
	p.options.Ahead = 1
	p.options.Batch = []int{1, 1, 2, 3, 1024}[rnd.IntN(5)]
	if rnd.IntN(3) == 0 {
		p.lose = 1 + rnd.IntN(30)
		p.options.Patience = 1 // nothing comes of waiting longer
	}
}

// lag has rows lag behind entries in most runs where rows are locked one by one, and errors of Append come late in most.
func (p *profile) lag(rnd *rand.Rand) {
	if !p.alone {
		p.rowLag = []int64{0, 1, 3, 16, 16}[rnd.IntN(5)]
	}
	p.late = rnd.IntN(3) > 0
	if p.crowd = !p.alone && !p.wide && rnd.IntN(3) == 0; p.crowd {
		p.clients, p.cancel = 5+rnd.IntN(4), 0
		p.options.Batch, p.options.Queue = 2+rnd.IntN(2), 4096
	}
}

// single tells that calls have one command each.
func (p *profile) single() bool { return p.crowd || p.early && p.options.Batch > 1 }

// chance tells whether something with so many chances in a thousand happens.
func (w *world) chance(n int) bool { return n > 0 && w.rnd.IntN(1000) < n }
