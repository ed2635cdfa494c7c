package throttle

import "time"

// Usual is how many requests a minute a key and an account have where nothing is said,
// and UsualCreates how many of them may go to one call that starts a job.
const (
	Usual        = 2000
	UsualCreates = 100
)

// Rates are an installation's limits, counted together for all its APIs.
type Rates struct {
	// PerMinute is what a key and what an account may ask: 0 for Usual, below 0 for no limit.
	PerMinute int64
	// Creates is what an account may ask of each call of the compatible API that starts a
	// job, as the public API has it: 0 for UsualCreates, below 0 for no limit.
	Creates int64

	keys, accounts, creates Limiter
}

func (r *Rates) usual() int64 {
	if r.PerMinute == 0 {
		return Usual
	}
	return r.PerMinute
}

// Key counts a request of a key. own is the key's own rate: 0 for the installation's, or
// for a service key none; below 0 for none.
func (r *Rates) Key(id string, own int64, service bool, now time.Time) (bool, time.Duration) {
	if own == 0 && service {
		return true, 0
	}
	if own == 0 {
		own = r.usual()
	}
	return r.keys.Take(id, own, now)
}

// Account counts a request that acts for an account, by whatever key or session.
func (r *Rates) Account(id string, now time.Time) (bool, time.Duration) {
	return r.accounts.Take(id, r.usual(), now)
}

// Create counts a request of an account to a call that starts a job.
func (r *Rates) Create(account, call string, now time.Time) (bool, time.Duration) {
	most := r.Creates
	if most == 0 {
		most = UsualCreates
	}
	return r.creates.Take(account+"\n"+call, most, now)
}
