package catalog

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// Factor multiplies a price, in thousandths: 1500 is ×1.5.
type Factor int64

// One leaves a price as it is.
const One Factor = 1000

// Set reads a decimal number such as 1 or 1.5.
func (f *Factor) Set(text string) bool {
	n, ok := decimal(text, 3)
	if !ok || n < 1 || n > 100_000 {
		return false
	}
	*f = Factor(n)
	return true
}

// String is the decimal number without zeros at its end.
func (f Factor) String() string {
	return strings.TrimSuffix(strings.TrimRight(digits(int64(f), 3), "0"), ".")
}

// Allowed says what Set reads.
func (*Factor) Allowed() string { return "0.001 to 100, with at most 3 decimals" }

// Shape is the factor in a JSON Schema.
func (*Factor) Shape() map[string]any {
	return map[string]any{"type": "number", "minimum": number("0.001"), "maximum": 100, "multipleOf": number("0.001")}
}

// Money is an amount of money in hundredths of the currency's unit.
type Money int64

// Set reads a decimal number such as 12 or 12.50.
func (m *Money) Set(text string) bool {
	n, ok := decimal(text, 2)
	if !ok || n > 100_000_000 {
		return false
	}
	*m = Money(n)
	return true
}

// String has two decimals.
func (m Money) String() string { return digits(int64(m), 2) }

// Allowed says what Set reads.
func (*Money) Allowed() string { return "0 to 1000000, with at most 2 decimals" }

// Shape is the amount in a JSON Schema.
func (*Money) Shape() map[string]any {
	return map[string]any{"type": "number", "minimum": 0, "maximum": 1_000_000, "multipleOf": number("0.01")}
}

// The JSON forms below are those of the file: numbers bare, everything else as text.

// MarshalJSON writes a decimal number.
func (f Factor) MarshalJSON() ([]byte, error) { return []byte(f.String()), nil }

// MarshalJSON writes a decimal number with two decimals.
func (m Money) MarshalJSON() ([]byte, error) { return []byte(m.String()), nil }

// MarshalText writes the text that Set reads.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalText writes the text that Set reads.
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// MarshalJSON writes the moment in RFC 3339, and null for none.
func (m Moment) MarshalJSON() ([]byte, error) {
	if m.Instant == 0 {
		return []byte("null"), nil
	}
	return m.Instant.MarshalJSON()
}

// decimal reads a number with at most so many decimals, as a whole number of the last one.
func decimal(text string, decimals int) (int64, bool) {
	whole, part, dot := strings.Cut(text, ".")
	if len(whole) < 1 || len(whole) > 9 || len(part) > decimals || (dot && part == "") || strings.Trim(whole+part, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+part+strings.Repeat("0", decimals-len(part)), 10, 64)
	return n, err == nil
}

func digits(n int64, decimals int) string {
	s := fmt.Sprintf("%0*d", decimals+1, n)
	return s[:len(s)-decimals] + "." + s[len(s)-decimals:]
}

// Span is a length of time in milliseconds.
type Span int64

var (
	spanForm = regexp.MustCompile(`^([0-9]{1,6}d)?([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$`)
	spanPart = regexp.MustCompile(`[0-9]+[dhms]`)
	spanUnit = map[byte]int64{'d': 86_400_000, 'h': 3_600_000, 'm': 60_000, 's': 1000}
)

// Set reads days, hours, minutes and seconds, such as 10m, 36h or 1d12h. Days have 24 hours.
func (s *Span) Set(text string) bool {
	if text == "" || !spanForm.MatchString(text) {
		return false
	}
	var sum int64
	for _, part := range spanPart.FindAllString(text, -1) {
		n, err := strconv.ParseInt(part[:len(part)-1], 10, 64)
		if err != nil {
			return false
		}
		sum += n * spanUnit[part[len(part)-1]]
	}
	if sum < 1000 || sum > 36_500*spanUnit['d'] {
		return false
	}
	*s = Span(sum)
	return true
}

// String is the shortest text that Set reads.
func (s Span) String() string {
	left := int64(s)
	var b strings.Builder
	for _, unit := range []byte("dhms") {
		if n := left / spanUnit[unit]; n > 0 {
			fmt.Fprintf(&b, "%d%c", n, unit)
			left -= n * spanUnit[unit]
		}
	}
	return b.String()
}

// Allowed says what Set reads.
func (*Span) Allowed() string {
	return "a length of time of 1s to 36500d in days, hours, minutes and seconds, such as 10m or 1d12h"
}

// Shape is the span in a JSON Schema.
func (*Span) Shape() map[string]any {
	return map[string]any{"type": "string", "pattern": spanForm.String(), "minLength": 2}
}

// Clock is a time of day.
type Clock struct{ calendar.Clock }

// Set reads hours and minutes, optionally seconds.
func (c *Clock) Set(text string) bool {
	parsed, err := calendar.ParseClock(text)
	c.Clock = parsed
	return err == nil
}

// Allowed says what Set reads.
func (*Clock) Allowed() string { return `a time of day from "00:00" to "23:59:59"` }

// Shape is the time of day in a JSON Schema.
func (*Clock) Shape() map[string]any {
	return map[string]any{"type": "string", "pattern": `^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$`}
}

// Moment is a point in time; zero stands for none.
type Moment struct{ token.Instant }

// Set reads a date and time in RFC 3339.
func (m *Moment) Set(text string) bool {
	parsed, err := calendar.ParseInstant(text)
	m.Instant = parsed
	return err == nil && parsed > 0
}

// Allowed says what Set reads.
func (*Moment) Allowed() string {
	return "a date and time after 1970 with offset in RFC 3339, such as 2026-03-29T01:00:00Z"
}

// Shape is the moment in a JSON Schema.
func (*Moment) Shape() map[string]any {
	return map[string]any{"type": "string", "format": "date-time"}
}

// number is a decimal number in a JSON Schema, exactly as written.
func number(text string) json.Number { return json.Number(text) }
