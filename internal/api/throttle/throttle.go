// Package throttle bounds how often a key or an account may ask.
//
// It promises that within any minute no name gets more than twice its rate, that a name
// which was quiet for a minute may ask a whole minute's worth at once, and that asking
// costs less than a microsecond and no memory that grows without end. It counts in this
// process only, and does not know HTTP.
package throttle

import (
	"hash/maphash"
	"sync"
	"time"
)

// Limiter counts requests by name: a bucket for each that holds a minute's worth and
// fills evenly. The zero value is ready. It is safe for concurrent use.
type Limiter struct {
	shards [16]shard
	once   sync.Once
	seed   maphash.Seed
}

type shard struct {
	mu      sync.Mutex
	buckets map[string]*bucket
}

// bucket holds what is left, in nanoseconds of filling.
type bucket struct {
	left time.Duration
	at   time.Time
}

// mostBuckets bounds a shard; beyond it, full buckets are thrown away, which changes nothing.
const mostBuckets = 8192

// Take asks for one request of a name that has so many a minute. It tells whether there
// was one, and else after how long there will be. A rate below 1 is no limit.
func (l *Limiter) Take(name string, perMinute int64, now time.Time) (bool, time.Duration) {
	if perMinute < 1 {
		return true, 0
	}
	l.once.Do(func() { l.seed = maphash.MakeSeed() })
	s := &l.shards[maphash.String(l.seed, name)%uint64(len(l.shards))]
	price := time.Minute / time.Duration(perMinute)
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[name]
	if b == nil {
		s.make(now)
		b = &bucket{left: time.Minute, at: now}
		s.buckets[name] = b
	}
	if passed := now.Sub(b.at); passed > 0 {
		b.left, b.at = min(time.Minute, b.left+passed), now
	}
	if b.left < price {
		return false, price - b.left
	}
	b.left -= price
	return true, 0
}

// make makes room for one more bucket.
func (s *shard) make(now time.Time) {
	if s.buckets == nil {
		s.buckets = map[string]*bucket{}
	}
	if len(s.buckets) < mostBuckets {
		return
	}
	for name, b := range s.buckets {
		if b.left+now.Sub(b.at) >= time.Minute {
			delete(s.buckets, name)
		}
	}
	if len(s.buckets) >= mostBuckets {
		clear(s.buckets) // more names a minute than are worth remembering
	}
}
