package calendar

import (
	"fmt"
	"time"
)

const sampleInstant = "2026-03-29T01:00:00Z"

// ParseInstant reads a date and time in RFC 3339 with any offset, such as
// 2026-03-29T01:00:00Z or 2026-03-29T03:00:00.25+02:00. Digits finer than the
// millisecond are cut off. A leap second (:60) is refused, and so is a date
// that does not exist.
func ParseInstant(s string) (Instant, error) {
	p := parser{text: s}
	year := p.number("year", 4, 1, 9999)
	p.literal("-")
	month := p.number("month", 2, 1, 12)
	p.literal("-")
	day := p.number("day", 2, 1, 31)
	if last := DaysIn(year, time.Month(month)); p.problem == "" && day > last {
		p.fail("day is %d, that month has %d days", day, last)
	}
	p.literal("Tt")
	clock := p.number("hour", 2, 0, 23) * 3600
	p.literal(":")
	clock += p.number("minute", 2, 0, 59) * 60
	p.literal(":")
	clock += p.number("second", 2, 0, 59)
	ms := p.fraction()
	offset := p.offset()
	p.end()
	if p.problem == "" {
		days := int64(NewDate(year, time.Month(month), day))
		i := Instant(days*dayMillis + int64(clock-offset)*milli + int64(ms))
		if i >= minInstant && i <= maxInstant {
			return i, nil
		}
		p.fail("in UTC it is outside the years 0001 to 9999")
	}
	return 0, fmt.Errorf("calendar: instant %s: %s; want RFC 3339, such as %q", clip(s), p.problem, sampleInstant)
}

// ParseClock reads a time of day as hours and minutes, optionally seconds:
// 00:00 or 23:59:30. The last one of a day is 23:59:59; 24:00 is refused.
func ParseClock(s string) (Clock, error) {
	p := parser{text: s}
	clock := p.number("hour", 2, 0, 23) * 3600
	p.literal(":")
	clock += p.number("minute", 2, 0, 59) * 60
	if p.at < len(s) {
		p.literal(":")
		clock += p.number("second", 2, 0, 59)
	}
	p.end()
	if p.problem != "" {
		return 0, fmt.Errorf("calendar: time of day %s: %s; want HH:MM or HH:MM:SS from 00:00 to 23:59:59", clip(s), p.problem)
	}
	return Clock(clock), nil
}

// parser walks over a text of fixed fields and keeps the first problem it meets.
type parser struct {
	text    string
	at      int
	problem string
}

func (p *parser) fail(format string, args ...any) {
	if p.problem == "" {
		p.problem = fmt.Sprintf(format, args...)
	}
}

// number reads exactly the given number of digits.
func (p *parser) number(field string, digits, low, high int) int {
	if p.problem != "" {
		return low
	}
	n := 0
	for k := range digits {
		if p.at+k >= len(p.text) || !isDigit(p.text[p.at+k]) {
			p.fail("%s must be %d digits", field, digits)
			return low
		}
		n = n*10 + int(p.text[p.at+k]-'0')
	}
	p.at += digits
	if n < low || n > high {
		p.fail("%s is %0*d, allowed are %0*d to %0*d", field, digits, n, digits, low, digits, high)
	}
	return n
}

// literal reads one byte that must be among the given ones.
func (p *parser) literal(among string) {
	if p.problem != "" {
		return
	}
	if !p.skip(among) {
		p.fail("expected %q after %q", among[:1], p.text[:p.at])
	}
}

func (p *parser) skip(among string) bool {
	for k := range len(among) {
		if p.at < len(p.text) && p.text[p.at] == among[k] {
			p.at++
			return true
		}
	}
	return false
}

// fraction reads an optional fraction of a second and returns milliseconds.
func (p *parser) fraction() int {
	if p.problem != "" || !p.skip(".") {
		return 0
	}
	ms, scale, start := 0, 100, p.at
	for ; p.at < len(p.text) && isDigit(p.text[p.at]); p.at++ {
		ms += int(p.text[p.at]-'0') * scale
		scale /= 10
	}
	if p.at == start {
		p.fail("digits must follow the decimal point")
	}
	return ms
}

// offset reads Z or a numeric offset from UTC and returns seconds, positive
// east of Greenwich.
func (p *parser) offset() int {
	if p.problem != "" || p.skip("Zz") {
		return 0
	}
	sign := 1
	if p.skip("-") {
		sign = -1
	} else if !p.skip("+") {
		p.fail("the offset from UTC is missing (Z, +hh:mm or -hh:mm)")
		return 0
	}
	seconds := p.number("offset hour", 2, 0, 23) * 3600
	p.literal(":")
	seconds += p.number("offset minute", 2, 0, 59) * 60
	return sign * seconds
}

func (p *parser) end() {
	if p.at < len(p.text) {
		p.fail("unexpected %s at the end", clip(p.text[p.at:]))
	}
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// clip quotes s for an error, cut short if somebody sent a novel.
func clip(s string) string {
	const most = 40
	if len(s) > most {
		return fmt.Sprintf("%q…", s[:most])
	}
	return fmt.Sprintf("%q", s)
}
