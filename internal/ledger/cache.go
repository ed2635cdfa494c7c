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

func newCache(limit int) *cache {
	return &cache{limit: limit, byID: map[string]*list.Element{}, order: list.New()}
}

func (c *cache) get(id string) (token.Account, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byID[id]
	if !ok {
		return token.Account{}, false
	}
	c.order.MoveToFront(e)
	return *e.Value.(*token.Account), true
}

// has tells whether an account is kept.
func (c *cache) has(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.byID[id]
	return ok
}

// put keeps an account, unless a later state of it is there already.
func (c *cache) put(a token.Account) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byID[a.ID]; ok {
		if kept := e.Value.(*token.Account); kept.Seq < a.Seq {
			*kept = a
		}
		c.order.MoveToFront(e)
		return
	}
	c.byID[a.ID] = c.order.PushFront(&a)
	if c.order.Len() > c.limit {
		last := c.order.Back()
		c.order.Remove(last)
		delete(c.byID, last.Value.(*token.Account).ID)
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
