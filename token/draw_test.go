package token_test

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
	"pgregory.net/rapid"
)

// This file draws rules, commands and times. Amounts are small, so that tokens run
// out, banks fill and prices meet balances often.

var zones = []string{"UTC", "Europe/Rome", "America/New_York", "Pacific/Apia", "Asia/Tokyo", "Australia/Lord_Howe", "Africa/Cairo"}

func drawRules(t *rapid.T) *token.Rules {
	r := &token.Rules{
		Version: "v0", Zone: "UTC", UpgradeFull: rapid.Bool().Draw(t, "full upgrade"),
		Reset: drawReset(t),
		Owed:  rapid.SampledFrom([]token.OwedAction{token.OwedIgnore, token.OwedRepay, token.OwedSuspend}).Draw(t, "owed"),
		Packs: []token.Pack{{ID: "small", Tokens: 10}, {ID: "large", Tokens: 40}},
	}
	if rapid.Bool().Draw(t, "own order") {
		kinds := rapid.Permutation(token.DefaultOrder).Draw(t, "order")
		r.Order = kinds[:rapid.IntRange(1, len(kinds)).Draw(t, "named")]
	}
	for i := range rapid.IntRange(2, 4).Draw(t, "plans") {
		r.Plans = append(r.Plans, drawPlan(t, "p"+strconv.Itoa(i), i == 0))
	}
	r.Default = r.Plans[0].ID
	r.Gifts = token.Gifts{Enabled: rapid.IntRange(0, 3).Draw(t, "gifts") > 0, DailyLimit: rapid.SampledFrom([]int64{0, 8}).Draw(t, "gift limit")}
	if rapid.Bool().Draw(t, "gift kinds") {
		r.Gifts.Kinds = []token.Kind{token.Topup, token.Gift, token.Bonus}
	}
	start := calendar.At(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	r.Promos = []token.Promo{
		{Code: "always", Tokens: 7}, {Code: "full", Tokens: 5, Limit: 1},
		{Code: "day", Tokens: 9, ExpiresAfter: day}, {Code: "window", Tokens: 4, From: start, Until: start + token.Instant(300*day)},
		{Code: "first", Tokens: 6, Plans: []string{"p0"}}, {Code: "new", Tokens: 3, NewWithin: 2 * day}, {Code: "cheap", Discount: 20},
	}
	return r
}

func drawReset(t *rapid.T) calendar.Clock {
	return rapid.SampledFrom([]calendar.Clock{0, 0, 2*3600 + 1800, 6 * 3600, 23*3600 + 59*60}).Draw(t, "reset")
}

func drawPlan(t *rapid.T, id string, daily bool) token.Plan {
	p := token.Plan{ID: id, Name: id, Allowance: rapid.Int64Range(0, 30).Draw(t, "allowance"), Every: token.Month}
	if daily || rapid.IntRange(0, 4).Draw(t, "daily") == 0 {
		p.Every = token.Day
	}
	if rapid.Bool().Draw(t, "with floor") {
		p.DailyFloor = rapid.Int64Range(1, 15).Draw(t, "floor")
	}
	if p.Every == token.Month && rapid.Bool().Draw(t, "with bank") {
		p.RolloverCap = rapid.Int64Range(1, 60).Draw(t, "cap")
	}
	p.Topups = rapid.Bool().Draw(t, "topups")
	p.Relaxed = rapid.IntRange(0, 2).Draw(t, "relaxed") == 0
	return p
}

// drawStart draws an instant near something that happens in one of the zones.
func drawStart(t *rapid.T) int64 {
	day := rapid.SampledFrom([]time.Time{
		time.Date(2026, 3, 28, 10, 0, 0, 0, time.UTC), time.Date(2026, 10, 24, 20, 0, 0, 0, time.UTC),
		time.Date(2011, 12, 28, 12, 0, 0, 0, time.UTC), time.Date(2028, 1, 31, 23, 30, 0, 0, time.UTC),
		time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), time.Date(2025, 8, 15, 9, 0, 0, 0, time.UTC),
	}).Draw(t, "start")
	return day.UnixMilli() + rapid.Int64Range(0, 1000).Draw(t, "start ms")*3600
}

// jump lets time pass, often exactly to something that happens, sometimes backwards.
func (m *machine) jump(t *rapid.T) {
	a, _ := m.book.Account(me)
	last := int64(a.At)
	edges := []int64{int64(a.Facts.NextReset), int64(a.Facts.CycleEnds)}
	for _, g := range a.Grants {
		edges = append(edges, int64(g.Starts), int64(g.Expires))
	}
	for _, h := range a.Holds {
		edges = append(edges, int64(h.Expires))
	}
	edges = slices.DeleteFunc(edges, func(at int64) bool { return at < last })
	switch rapid.IntRange(0, 19).Draw(t, "jump") {
	case 0, 1, 2, 3:
		m.now = last
	case 4, 5:
		m.now = last + rapid.Int64Range(1, 3*hour).Draw(t, "ms")
	case 6, 7, 8, 9:
		m.now = rapid.SampledFrom(append(edges, last)).Draw(t, "edge")
	case 10, 11:
		m.now = rapid.SampledFrom(append(edges, last)).Draw(t, "edge") + rapid.SampledFrom([]int64{-1, 1}).Draw(t, "beside")
	case 12, 13:
		m.now = last + rapid.Int64Range(1, 72).Draw(t, "hours")*hour
	case 14, 15:
		m.now = last + rapid.Int64Range(1, 40).Draw(t, "days")*day
	case 16:
		m.now = last + rapid.SampledFrom([]int64{70, 130, 200, 370, 800}).Draw(t, "away")*day + rapid.Int64Range(0, day).Draw(t, "ms")
	case 17:
		m.now = last + 20*hour - rapid.Int64Range(0, 2).Draw(t, "ms")
	case 18:
		m.now = last - rapid.Int64Range(1, 40*hour).Draw(t, "back")
	}
}

func drawTokens(t *rapid.T) int64 { return rapid.Int64Range(0, 45).Draw(t, "tokens") }

func drawID(t *rapid.T, prefix string, n int) string {
	return prefix + strconv.Itoa(rapid.IntRange(0, n).Draw(t, prefix))
}

// drawHold prefers a hold that is open.
func (m *machine) drawHold(t *rapid.T) string {
	a, _ := m.book.Account(me)
	if n := len(a.Holds); n > 0 && rapid.IntRange(0, 5).Draw(t, "open") > 0 {
		return a.Holds[rapid.IntRange(0, n-1).Draw(t, "which")].ID
	}
	return drawID(t, "h", 12)
}

func (m *machine) drawSpending(t *rapid.T) token.Command {
	switch rapid.IntRange(0, 9).Draw(t, "spending") {
	case 0, 1, 2:
		c := token.TakeHold{ID: m.newHold(t), Tokens: drawTokens(t), FastOnly: rapid.IntRange(0, 3).Draw(t, "fast") == 0}
		if rapid.Bool().Draw(t, "expires") {
			c.ExpiresIn = rapid.SampledFrom([]int64{1, hour, day, 40 * day}).Draw(t, "in")
			a, _ := m.book.Account(me)
			if rapid.Bool().Draw(t, "with the day") {
				c.ExpiresIn = max(1, int64(a.Facts.NextReset)-m.now)
			}
		}
		return c
	case 3:
		return token.Charge{ID: m.newHold(t), Tokens: drawTokens(t), Feature: rapid.SampledFrom([]string{"", "hd"}).Draw(t, "feature")}
	case 4, 5:
		c := token.Settle{ID: m.drawHold(t)}
		if rapid.Bool().Draw(t, "part") {
			n := rapid.Int64Range(-1, 30).Draw(t, "used")
			c.Tokens = &n
		}
		return c
	case 6:
		return token.Release{ID: m.drawHold(t)}
	case 7, 8:
		return token.Refund{ID: drawID(t, "h", m.began()), Tokens: rapid.Int64Range(0, 20).Draw(t, "back"), Reason: "sorry"}
	}
	return token.Touch{}
}

// began is how many hold ids were used so far.
func (m *machine) began() int { return len(m.oracle.begun) }

func (m *machine) newHold(t *rapid.T) string {
	if rapid.IntRange(0, 9).Draw(t, "used id") == 0 {
		return drawID(t, "h", 3)
	}
	return "h" + strconv.Itoa(m.began())
}

func (m *machine) drawManaging(t *rapid.T) token.Command {
	plan := func() string { return "p" + strconv.Itoa(rapid.IntRange(0, 4).Draw(t, "to")) }
	switch rapid.IntRange(0, 16).Draw(t, "managing") {
	case 0, 1, 2:
		return m.drawGrant(t)
	case 3, 4, 5:
		return token.ChangePlan{To: plan()}
	case 6:
		return token.CancelPlan{}
	case 7:
		return token.UndoPlanChange{}
	case 8:
		return token.Adjust{Tokens: rapid.Int64Range(-30, 20).Draw(t, "tokens"), Reason: "because", By: "ada"}
	case 9, 10:
		return token.SetZone{To: rapid.SampledFrom(append([]string{"Mars/Base"}, zones...)).Draw(t, "to")}
	case 11, 12:
		state := rapid.SampledFrom([]token.DisputeState{token.DisputeOpened, token.DisputeWon, token.DisputeLost}).Draw(t, "state")
		return token.Dispute{Grant: m.drawPurchase(t), State: state}
	case 13:
		code := rapid.SampledFrom([]string{"always", "full", "day", "window", "first", "new", "cheap", "none"}).Draw(t, "code")
		return token.Redeem{Code: code}
	case 14:
		return token.SendGift{ID: drawID(t, "s", 30), To: other, Tokens: rapid.Int64Range(0, 12).Draw(t, "gift")}
	}
	parts := []token.GiftPart{{Tokens: rapid.Int64Range(1, 9).Draw(t, "part")}}
	if rapid.Bool().Draw(t, "two") {
		parts = append(parts, token.GiftPart{Tokens: 3, Expires: token.Instant(m.now + rapid.Int64Range(-hour, 40*hour).Draw(t, "until"))})
	}
	m.keys++
	return token.ReceiveGift{ID: fmt.Sprint("r", m.keys), From: other, Parts: parts}
}

func (m *machine) drawGrant(t *rapid.T) token.Command {
	kinds := append([]token.Kind{token.Topup, token.Topup, token.Topup, token.Bonus}, token.DefaultOrder...)
	c := token.MakeGrant{
		ID: "g" + strconv.Itoa(len(m.oracle.given)), Kind: rapid.SampledFrom(kinds).Draw(t, "kind"),
		Tokens: rapid.Int64Range(0, 30).Draw(t, "tokens"), Source: "test",
	}
	if rapid.IntRange(0, 9).Draw(t, "used id") == 0 {
		c.ID = drawID(t, "g", 3)
	}
	if rapid.IntRange(0, 2).Draw(t, "expires") == 0 {
		c.Expires = token.Instant(m.now + rapid.SampledFrom([]int64{0, 1, hour, day, 3 * day, 50 * day}).Draw(t, "life"))
	}
	if rapid.IntRange(0, 3).Draw(t, "later") == 0 {
		c.Starts = token.Instant(m.now + rapid.SampledFrom([]int64{-day, 1, 5 * hour, 2 * day, 45 * day}).Draw(t, "wait"))
	}
	return c
}

// drawPurchase draws a grant that was made by a command, or a plan's month.
func (m *machine) drawPurchase(t *rapid.T) string {
	var ids []string
	for _, e := range m.book.Journal(me) {
		for _, g := range e.Grants {
			if m.oracle.made[g.ID] != nil && !slices.Contains(ids, g.ID) {
				ids = append(ids, g.ID)
			}
		}
	}
	return rapid.SampledFrom(append(ids, "nobody")).Draw(t, "purchase")
}

// changeCatalog is an operator who loads another catalog (T25).
func (m *machine) changeCatalog(t *rapid.T) {
	if rapid.IntRange(0, 3).Draw(t, "rarely") > 0 {
		return
	}
	r := *m.rules
	m.version++
	r.Version = "v" + strconv.Itoa(m.version)
	r.Plans = slices.Clone(r.Plans)
	i := rapid.IntRange(0, len(r.Plans)-1).Draw(t, "which")
	switch rapid.IntRange(0, 3).Draw(t, "change") {
	case 0:
		r.Reset = drawReset(t)
	case 1:
		if i > 0 {
			r.Plans = slices.Delete(r.Plans, i, i+1)
		}
	case 2:
		r.Plans[i] = drawPlan(t, r.Plans[i].ID, rapid.Bool().Draw(t, "made daily"))
	case 3:
		r.UpgradeFull = !r.UpgradeFull
	}
	m.rules = &r
	t.Logf("catalog %s: %+v", r.Version, r.Plans)
	m.check(t)
}
