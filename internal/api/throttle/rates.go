package throttle

import "time"

// Usual is how many requests a minute a key and an account have where nothing is said.
const Usual = 2000

// Rates are an installation's limits, counted together for all its APIs.
type Rates struct {
	// PerMinute is what a key and what an account may ask: 0 for Usual, below 0 for no limit.
	PerMinute int64

	keys, accounts Limiter
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
