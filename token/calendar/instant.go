package calendar

import (
	"encoding/json"
	"fmt"
	"time"
)

// Instant is a point in time: milliseconds since 1970-01-01T00:00:00Z, without
// leap seconds. Instants of the years 1 to 9999 can be written and parsed.
type Instant int64

const (
	minInstant Instant = -62_135_596_800_000 // 0001-01-01T00:00:00Z
	maxInstant Instant = 253_402_300_799_999 // 9999-12-31T23:59:59.999Z

	milli     = 1000 // milliseconds in a second
	dayMillis = daySeconds * milli
)

// At returns the instant of t, rounded down to the millisecond.
func At(t time.Time) Instant { return Instant(t.UnixMilli()) }

// Time returns the instant as a time in UTC.
func (i Instant) Time() time.Time { return time.UnixMilli(int64(i)).UTC() }

// Add returns the instant d later, rounded down to the millisecond, so that it
// agrees with At(i.Time().Add(d)).
func (i Instant) Add(d time.Duration) Instant {
	return i + Instant(floorDiv(int64(d), int64(time.Millisecond)))
}

// Sub returns the time from j to i. Beyond what a time.Duration can hold (292
// years) it returns the largest or smallest duration.
func (i Instant) Sub(j Instant) time.Duration { return i.Time().Sub(j.Time()) }

// String returns the instant in RFC 3339 in UTC, with milliseconds only when
// they are not zero: 2026-03-29T01:00:00Z, 2026-03-29T01:00:00.250Z.
func (i Instant) String() string {
	var buf [24]byte
	text, err := i.AppendText(buf[:0])
	if err != nil {
		return fmt.Sprintf("Instant(%d)", int64(i))
	}
	return string(text)
}

// AppendText appends what String returns to b, without allocating if b has room
// for 24 bytes. It fails only outside the years 1 to 9999.
func (i Instant) AppendText(b []byte) ([]byte, error) {
	if i < minInstant || i > maxInstant {
		return b, fmt.Errorf("calendar: instant %d ms is outside the years 0001 to 9999", int64(i))
	}
	date := Date(floorDiv(int64(i), dayMillis))
	ofDay := floorMod(int64(i), dayMillis)
	b = date.append(b)
	b = append(b, 'T')
	b = Clock(ofDay / milli).appendSeconds(b)
	if ms := ofDay % milli; ms != 0 {
		b = append(b, '.')
		b = appendDigits(b, int(ms), 3)
	}
	return append(b, 'Z'), nil
}

// MarshalText returns what String returns; it fails outside the years 1 to 9999.
func (i Instant) MarshalText() ([]byte, error) {
	return i.AppendText(make([]byte, 0, 24))
}

// UnmarshalText reads what ParseInstant reads.
func (i *Instant) UnmarshalText(text []byte) error {
	parsed, err := ParseInstant(string(text))
	if err != nil {
		return err
	}
	*i = parsed
	return nil
}

// MarshalJSON returns the instant as a JSON string in RFC 3339.
func (i Instant) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, 26), '"')
	b, err := i.AppendText(b)
	if err != nil {
		return nil, err
	}
	return append(b, '"'), nil
}

// UnmarshalJSON reads a JSON string that ParseInstant accepts. As usual in JSON,
// null leaves the instant as it is.
func (i *Instant) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("calendar: instant %s: want a JSON string in RFC 3339, such as %q", clip(string(data)), sampleInstant)
	}
	return i.UnmarshalText([]byte(text))
}
