package catalog

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// weekdays in the order of calendar dates: date 0, 1 January 1970, was a Thursday.
var weekdays = []string{"thu", "fri", "sat", "sun", "mon", "tue", "wed"}

// window is an off-peak window ready to be asked.
type window struct {
	OffPeak
	zone calendar.Zone
	days [7]bool
}

func newWindow(o OffPeak, zone string) window {
	if o.Zone != "" {
		zone = o.Zone
	}
	w := window{OffPeak: o, zone: zoneOf(zone)}
	for i, name := range weekdays {
		w.days[i] = slices.Contains(o.Days, name)
	}
	return w
}

// on gives the window that begins on a date, if one does.
func (w *window) on(d calendar.Date) (from, until token.Instant, ok bool) {
	if !w.days[((d%7)+7)%7] {
		return 0, 0, false
	}
	end := d
	if w.Until.Clock <= w.From.Clock {
		end++
	}
	return w.zone.At(d, w.From.Clock), w.zone.At(end, w.Until.Clock), true
}

// covers tells whether an instant lies in the window. It may have begun the day before.
func (w *window) covers(at token.Instant) bool {
	today := w.zone.DateAt(at)
	for d := today - 1; d <= today+1; d++ {
		if from, until, ok := w.on(d); ok && from <= at && at < until {
			return true
		}
	}
	return false
}

// discounts takes off the best off-peak window and then the best promotion, each with a
// line of its own (P5). Instant zero is outside of all of them.
func (c *Catalog) discounts(s *sum, feature string, at token.Instant) {
	if at == 0 || (len(c.windows) == 0 && len(c.promotions) == 0) {
		return
	}
	var window *window
	for i := range c.windows {
		if w := &c.windows[i]; (window == nil || w.Percent > window.Percent) && w.covers(at) {
			window = w
		}
	}
	if window != nil {
		s.off("off_peak/"+window.ID, window.Name, window.Percent)
	}
	var promotion *Promotion
	for i := range c.promotions {
		p := &c.promotions[i]
		if (promotion == nil || p.Percent > promotion.Percent) && p.From.Instant <= at && at < p.Until.Instant &&
			(len(p.Features) == 0 || slices.Contains(p.Features, feature)) {
			promotion = p
		}
	}
	if promotion != nil {
		s.off("promotion/"+promotion.ID, promotion.Name, promotion.Percent)
	}
}

func (s *sum) off(rule, name string, percent int64) {
	s.add(rule, name+": "+strconv.FormatInt(percent, 10)+" % off", s.exact.times(100-percent, 100))
}

// Discount is a time of lower prices.
type Discount struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// From is its first instant, Until the first one after it.
	From    token.Instant `json:"from"`
	Until   token.Instant `json:"until"`
	Percent int64         `json:"percent"`
	// Features it is for; all if empty.
	Features []string `json:"features,omitempty"`
}

// Discounts lists the off-peak windows and promotions that touch the time from one
// instant to another, by beginning (P5, P9).
func (c *Catalog) Discounts(from, until token.Instant) []Discount {
	var out []Discount
	for i := range c.windows {
		w := &c.windows[i]
		for d := w.zone.DateAt(from) - 1; d <= w.zone.DateAt(until)+1; d++ {
			if begin, end, ok := w.on(d); ok && begin < until && end > from {
				out = append(out, Discount{ID: w.ID, Name: w.Name, From: begin, Until: end, Percent: w.Percent})
			}
		}
	}
	for _, p := range c.promotions {
		if p.From.Instant < until && p.Until.Instant > from {
			out = append(out, Discount{ID: p.ID, Name: p.Name, From: p.From.Instant, Until: p.Until.Instant, Percent: p.Percent, Features: slices.Clone(p.Features)})
		}
	}
	slices.SortStableFunc(out, func(a, b Discount) int { return cmp.Compare(a.From, b.From) })
	return out
}
