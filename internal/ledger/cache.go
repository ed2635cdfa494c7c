package ledger

import (
	"container/list"
	"sync"

	"github.com/florin-studio/florin/token"
)

// cache keeps the accounts used last. What it holds may be old where other processes
// write: every write is conditional on the version, every read compares it.
type cache struct {
	mu    sync.Mutex
	limit int
	byID  map[string]*list.Element
	order *list.List // front = used last
}

// kept is an account and what the store keeps beside it.
type kept struct {
	account token.Account
	aside   any
}

func newCache(limit int) *cache {
	return &cache{limit: limit, byID: map[string]*list.Element{}, order: list.New()}
}

func (c *cache) get(id string) (kept, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byID[id]
	if !ok {
		return kept{}, false
	}
	c.order.MoveToFront(e)
	return *e.Value.(*kept), true
}

// has tells whether an account is kept.
func (c *cache) has(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.byID[id]
	return ok
}

// put keeps an account, unless a later state of it is there already.
func (c *cache) put(a token.Account, aside any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byID[a.ID]; ok {
		if was := e.Value.(*kept); was.account.Seq < a.Seq {
			*was = kept{a, aside}
		}
		c.order.MoveToFront(e)
		return
	}
	c.byID[a.ID] = c.order.PushFront(&kept{a, aside})
	if c.order.Len() > c.limit {
		last := c.order.Back()
		c.order.Remove(last)
		delete(c.byID, last.Value.(*kept).account.ID)
	}
}

func (c *cache) drop(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byID[id]; ok {
		c.order.Remove(e)
		delete(c.byID, id)
	}
}
