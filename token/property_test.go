package token_test

import (
	"slices"
	"testing"

	"github.com/florin-studio/florin/token"
	"pgregory.net/rapid"
)

// busy is a machine after some commands.
func busy(t *rapid.T) *machine {
	m := newMachine(t)
	for range rapid.IntRange(0, 12).Draw(t, "commands") {
		if rapid.Bool().Draw(t, "spend") {
			m.ask(t, m.drawSpending(t))
		} else {
			m.ask(t, m.drawManaging(t))
		}
	}
	return m
}

// The same commands in the same order lead to the same journal, byte for byte.
func TestSameCommandsSameState(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := busy(t)
		again := m.start.openBook(t)
		for _, s := range m.log {
			_, _ = again.Submit(s.rules, me, s.req)
		}
		a, _ := m.book.Account(me)
		b, _ := again.Account(me)
		if encode(a) != encode(b) { // the hash covers the whole journal
			t.Fatalf("states differ:\n%s\n%s", encode(a), encode(b))
		}
	})
}

// T3: rolling over years in one step is rolling stop by stop, to the byte.
func TestT3RollingOnceIsRollingOften(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := busy(t)
		many, _ := m.book.Account(me)
		years := rapid.SampledFrom([]int64{0, 40, 100, 400, 1100, 2600}).Draw(t, "days") * day
		far := many.At + token.Instant(years+rapid.Int64Range(0, 40*day).Draw(t, "far"))
		one := m.rules.Roll(many, far)
		stride := rapid.SampledFrom([]int64{0, 7 * hour, day, 9 * day, 31 * day, 100 * day}).Draw(t, "stride")
		for many.At < far {
			next := many.At + token.Instant(stride)
			if stride == 0 {
				next = many.Facts.NextReset
			}
			many = m.rules.Roll(many, min(next, far))
		}
		if encodeState(one) != encodeState(many) {
			t.Fatalf("to %s\n once %s\noften %s", far, encodeState(one), encodeState(many))
		}
		if err := m.rules.Check(&one); err != nil {
			t.Fatal(err)
		}
	})
}

// T31: a forecast passes what rolling passes, and ends where it ends.
func TestT31ForecastIsRolling(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := busy(t)
		a, _ := m.book.Account(me)
		far := a.At + token.Instant(rapid.SampledFrom([]int64{0, 2, 33, 70, 400}).Draw(t, "days")*day+rapid.Int64Range(0, day).Draw(t, "ms"))
		balance, last := m.rules.Balance(&a), a.At
		end := m.rules.Forecast(a, far, func(e token.Event) bool {
			if e.At <= a.At || e.At > far || e.At < last || e.Balance < 0 {
				t.Fatalf("event %+v after one at %s", e, last)
			}
			balance, last = e.Balance, e.At
			return true
		})
		rolled := m.rules.Roll(a, far)
		if encodeState(end) != encodeState(rolled) || balance != m.rules.Balance(&rolled) {
			t.Fatalf("the last event says %d\nforecast %s\nrolled   %s", balance, encodeState(end), encodeState(rolled))
		}
	})
}

// T3: the entry that records an absence is not longer for a longer one.
func TestT3EntryDoesNotGrowWithAbsence(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := busy(t)
		a, _ := m.book.Account(me)
		size := func(years int64) (bytes, postings int) {
			_, entries, err := m.rules.Apply(a, token.Request{At: a.At + token.Instant(years*365*day), Command: token.Touch{}})
			if err != nil || len(entries) != 1 {
				t.Fatalf("%d entries, error %v", len(entries), err)
			}
			return len(entries[0].Bytes()), len(entries[0].Postings)
		}
		// What grants and holds have before them is over within five years.
		short, few := size(5)
		long, many := size(50)
		if many > few+4 || long > short+1000 {
			t.Fatalf("5 years: %d bytes, %d postings; 50 years: %d bytes, %d postings", short, few, long, many)
		}
	})
}

// T5: however often somebody changes zone, no two daily allowances come within 20 hours.
func TestT5ZoneHopping(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := &token.Rules{Version: "v", Zone: "UTC", Reset: drawReset(t), Plans: []token.Plan{{ID: "free", Allowance: 150, Every: token.Day}}, Default: "free"}
		b := &token.Book{}
		now := token.Instant(drawStart(t))
		if _, err := b.Submit(r, me, token.Request{At: now, Command: token.Open{Zone: rapid.SampledFrom(zones).Draw(t, "zone")}}); err != nil {
			t.Fatal(err)
		}
		hopped := []token.Instant{}
		for range rapid.IntRange(1, 12).Draw(t, "hops") {
			now += token.Instant(rapid.Int64Range(0, 30*hour).Draw(t, "wait"))
			receipt, err := b.Submit(r, me, token.Request{At: now, Command: token.SetZone{To: rapid.SampledFrom(zones).Draw(t, "to")}})
			if err != nil {
				t.Fatal(err)
			}
			if receipt.Entry.Facts != nil { // else it is the zone that the account is in
				hopped = append(hopped, now)
			}
		}
		now += token.Instant(3 * day)
		if _, err := b.Submit(r, me, token.Request{At: now, Command: token.Touch{}}); err != nil {
			t.Fatal(err)
		}
		allowances := daily(b.Journal(me))
		for i := 1; i < len(allowances); i++ {
			last, next := allowances[i-1], allowances[i]
			// A change at the very instant of an allowance comes after it.
			between := slices.ContainsFunc(hopped, func(at token.Instant) bool { return last <= at && at < next })
			if next-last < token.Instant(20*hour) && between {
				t.Fatalf("an allowance at %s and one at %s; zones changed at %v", last, next, hopped)
			}
		}
	})
}

// daily lists when daily grants came.
func daily(journal []token.Entry) []token.Instant {
	var out []token.Instant
	for _, e := range journal {
		for _, p := range e.Postings {
			if p.From != token.Issued || p.To != token.Available {
				continue
			}
			at := e.At
			if p.At != 0 {
				at = p.At
			}
			out = append(out, at)
		}
	}
	return out
}
