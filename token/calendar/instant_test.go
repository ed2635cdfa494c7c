package calendar_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/florin-studio/florin/token/calendar"
)

func TestParseInstant(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-03-29T01:00:00Z":              "",
		"2026-03-29T01:00:00.001Z":          "",
		"2026-03-29T01:00:00.250Z":          "",
		"0001-01-01T00:00:00Z":              "",
		"9999-12-31T23:59:59.999Z":          "",
		"1969-12-31T23:59:59.999Z":          "",
		"2026-03-29t01:00:00z":              "2026-03-29T01:00:00Z",
		"2026-03-29T01:00:00.000Z":          "2026-03-29T01:00:00Z",
		"2026-03-29T01:00:00.5Z":            "2026-03-29T01:00:00.500Z",
		"2026-03-29T01:00:00.99999999999Z":  "2026-03-29T01:00:00.999Z",
		"1969-12-31T23:59:59.9999Z":         "1969-12-31T23:59:59.999Z",
		"2026-03-29T03:00:00+02:00":         "2026-03-29T01:00:00Z",
		"2026-03-28T19:30:00-05:30":         "2026-03-29T01:00:00Z",
		"2026-03-29T01:00:00-00:00":         "2026-03-29T01:00:00Z",
		"2028-02-29T00:00:00+23:59":         "2028-02-28T00:01:00Z",
		"0001-01-01T00:00:00-00:01":         "0001-01-01T00:01:00Z",
		"9999-12-31T23:59:59.999999+00:01":  "9999-12-31T23:58:59.999Z",
		"2000-02-29T12:00:00.1234567+00:00": "2000-02-29T12:00:00.123Z",
	} {
		got, err := calendar.ParseInstant(text)
		if want == "" {
			want = text
		}
		if err != nil || got.String() != want {
			t.Errorf("ParseInstant(%q) = %v, %v, want %s", text, got, err, want)
		}
		if other, err := time.Parse(time.RFC3339, strings.ToUpper(text)); err != nil || calendar.At(other) != got {
			t.Errorf("ParseInstant(%q) = %v, package time says %v, %v", text, got, other, err)
		}
	}
}

func TestParseInstantRefuses(t *testing.T) {
	t.Parallel()
	for text, problem := range map[string]string{
		"":                               "year must be 4 digits",
		"now":                            "year must be 4 digits",
		"2026-3-29T01:00:00Z":            "month must be 2 digits",
		"2026-03-29":                     `expected "T" after "2026-03-29"`,
		"2026-03-29 01:00:00Z":           `expected "T"`,
		"2026-03-29T01:00Z":              `expected ":" after "2026-03-29T01:00"`,
		"2026-03-29T01:00:00":            "the offset from UTC is missing",
		"2026-03-29T01:00:00+0200":       `expected ":"`,
		"2026-03-29T01:00:00+02":         `expected ":"`,
		"2026-03-29T01:00:00.Z":          "digits must follow",
		"2026-03-29T01:00:00,5Z":         "the offset from UTC is missing",
		"2026-03-29T01:00:00Z ":          `unexpected " " at the end`,
		"2026-02-29T01:00:00Z":           "day is 29, that month has 28 days",
		"2026-04-31T01:00:00Z":           "day is 31, that month has 30 days",
		"2026-13-01T01:00:00Z":           "month is 13, allowed are 01 to 12",
		"2026-00-01T01:00:00Z":           "month is 00",
		"2026-01-00T01:00:00Z":           "day is 00",
		"0000-01-01T01:00:00Z":           "year is 0000, allowed are 0001 to 9999",
		"2026-03-29T24:00:00Z":           "hour is 24, allowed are 00 to 23",
		"2026-03-29T01:60:00Z":           "minute is 60",
		"2026-12-31T23:59:60Z":           "second is 60, allowed are 00 to 59",
		"2026-03-29T01:00:00+24:00":      "offset hour is 24",
		"2026-03-29T01:00:00+01:60":      "offset minute is 60",
		"0001-01-01T00:00:00+00:01":      "in UTC it is outside the years 0001 to 9999",
		"9999-12-31T23:59:59-00:01":      "in UTC it is outside the years 0001 to 9999",
		"-026-03-29T01:00:00Z":           "year must be 4 digits",
		strings.Repeat("2026-03-29", 99): `expected "T"`,
	} {
		got, err := calendar.ParseInstant(text)
		if err == nil {
			t.Errorf("ParseInstant(%.40q) = %v, want an error", text, got)
			continue
		}
		if s := err.Error(); !strings.Contains(s, problem) || !strings.Contains(s, "RFC 3339") || len(s) > 220 {
			t.Errorf("ParseInstant(%.40q): %v, want %q in it", text, err, problem)
		}
	}
}

func TestInstantArithmetic(t *testing.T) {
	t.Parallel()
	base := time.Date(1969, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
	if got := calendar.At(base); got != -1 {
		t.Errorf("At rounds %v to %d ms, want -1", base, int64(got))
	}
	if got := calendar.At(base).Time(); got != base.Truncate(time.Millisecond) || got.Location() != time.UTC {
		t.Errorf("Time() = %v", got)
	}
	for _, d := range []time.Duration{0, 1, -1, 999_999, 1_000_000, -1_000_000, -1_000_001, time.Hour, math.MaxInt64, math.MinInt64} {
		i := instant(t, "2026-03-29T01:00:00.250Z")
		if got, want := i.Add(d), calendar.At(i.Time().Add(d)); got != want {
			t.Errorf("Add(%v) = %v, want %v", d, got, want)
		}
	}
	first, last := instant(t, "0001-01-01T00:00:00Z"), instant(t, "9999-12-31T23:59:59.999Z")
	if got := (first + 1500).Sub(first); got != 1500*time.Millisecond {
		t.Errorf("Sub = %v", got)
	}
	if last.Sub(first) != math.MaxInt64 || first.Sub(last) != math.MinInt64 {
		t.Error("Sub does not stop at the longest duration")
	}
}

func TestInstantJSON(t *testing.T) {
	t.Parallel()
	type event struct {
		At  calendar.Instant            `json:"at"`
		Map map[calendar.Instant]string `json:"map,omitempty"`
	}
	before := event{At: 1_774_746_000_250, Map: map[calendar.Instant]string{0: "epoch"}}
	data, err := json.Marshal(before)
	if want := `{"at":"2026-03-29T01:00:00.250Z","map":{"1970-01-01T00:00:00Z":"epoch"}}`; err != nil || string(data) != want {
		t.Fatalf("Marshal = %s, %v, want %s", data, err, want)
	}
	var after event
	if err := json.Unmarshal(data, &after); err != nil || after.At != before.At || after.Map[0] != "epoch" {
		t.Errorf("Unmarshal = %v, %v", after, err)
	}
	if err := json.Unmarshal([]byte(`{"at":"2026\u002d03-29T03:00:00+02:00"}`), &after); err != nil || after.At != 1_774_746_000_000 {
		t.Errorf("Unmarshal = %v, %v", after.At, err)
	}
	if err := json.Unmarshal([]byte(`{"at":null}`), &after); err != nil || after.At != 1_774_746_000_000 {
		t.Errorf("null changed the instant to %v, %v", after.At, err)
	}
	for _, bad := range []string{`{"at":1774746000}`, `{"at":""}`, `{"at":"yesterday"}`, `{"at":{}}`, `{"at":true}`} {
		if err := json.Unmarshal([]byte(bad), &after); err == nil || !strings.Contains(err.Error(), "RFC 3339") {
			t.Errorf("Unmarshal %s: %v", bad, err)
		}
	}
	for _, far := range []calendar.Instant{math.MinInt64, math.MaxInt64, -62_135_596_800_001, 253_402_300_800_000} {
		if data, err := json.Marshal(far); err == nil {
			t.Errorf("Marshal(%d) = %s, want an error", int64(far), data)
		}
		if s := far.String(); !strings.HasPrefix(s, "Instant(") {
			t.Errorf("String = %s", s)
		}
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	for c := range calendar.Clock(86_400) {
		if got, err := calendar.ParseClock(c.String()); err != nil || got != c {
			t.Fatalf("ParseClock(%v) = %v, %v", c, got, err)
		}
	}
	for text, want := range map[string]calendar.Clock{"00:00": 0, "00:00:00": 0, "23:59:30": 86_370, "06:05": 21_900} {
		if got, err := calendar.ParseClock(text); err != nil || got != want {
			t.Errorf("ParseClock(%q) = %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "0", "0:00", "00", "00:", "24:00", "12:60", "12:00:60", "12:00:", "12:00:00.5", "12.00", "-1:00", " 12:00", "12:00 ", "12:00pm", "noon"} {
		if got, err := calendar.ParseClock(text); err == nil || !strings.Contains(err.Error(), "HH:MM") {
			t.Errorf("ParseClock(%q) = %v, %v", text, got, err)
		}
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	first, last := calendar.NewDate(1, 1, 1), calendar.NewDate(9999, 12, 31)
	year, month, day := 1, time.January, 1
	for d := first; d <= last; d++ {
		if y, m, n := d.Civil(); y != year || m != month || n != day || calendar.NewDate(y, m, n) != d {
			t.Fatalf("day %d is %d-%d-%d, want %d-%d-%d", int32(d), y, m, n, year, month, day)
		}
		if day++; day > calendar.DaysIn(year, month) {
			if month++; month > time.December {
				year, month = year+1, time.January
			}
			day = 1
		}
	}
	for _, test := range []struct {
		date calendar.Date
		want string
	}{
		{0, "1970-01-01"},
		{first, "0001-01-01"},
		{calendar.NewDate(2026, 10, 32), "2026-11-01"},
		{calendar.NewDate(2026, 14, 0), "2027-01-31"},
		{calendar.NewDate(2026, 0, 1), "2025-12-01"},
		{calendar.NewDate(2028, 3, 0), "2028-02-29"},
	} {
		if got := test.date.String(); got != test.want {
			t.Errorf("date %d is %s, want %s", int32(test.date), got, test.want)
		}
	}
	for _, test := range []struct {
		year  int
		month time.Month
		want  int
	}{{2000, 2, 29}, {2100, 2, 28}, {2028, 2, 29}, {2026, 2, 28}, {2026, 4, 30}, {2026, 12, 31}, {2027, 14, 29}, {2028, -9, 31}} {
		if got := calendar.DaysIn(test.year, test.month); got != test.want {
			t.Errorf("DaysIn(%d, %d) = %d, want %d", test.year, test.month, got, test.want)
		}
	}
}
