package calendar_test

import (
	"fmt"
	"log"

	"github.com/florin-studio/florin/token/calendar"
)

func rome() calendar.Zone {
	z, err := calendar.Load("Europe/Rome")
	if err != nil {
		log.Fatal(err)
	}
	return z
}

func ExampleZone_At() {
	half, err := calendar.ParseClock("02:30")
	if err != nil {
		log.Fatal(err)
	}
	z := rome()
	fmt.Println("an ordinary day:", z.At(calendar.NewDate(2026, 3, 28), half))
	fmt.Println("inside the gap: ", z.At(calendar.NewDate(2026, 3, 29), half))
	fmt.Println("shown twice:    ", z.At(calendar.NewDate(2026, 10, 25), half))
	// Output:
	// an ordinary day: 2026-03-28T01:30:00Z
	// inside the gap:  2026-03-29T01:00:00Z
	// shown twice:     2026-10-25T00:30:00Z
}

// The days around the change to summer time: one of them has 23 hours.
func ExampleZone_NextReset() {
	z := rome()
	at := z.At(calendar.NewDate(2026, 3, 28), 0)
	for range 3 {
		date, next := z.NextReset(at, 0)
		fmt.Println(date, next, next.Sub(at))
		at = next
	}
	// Output:
	// 2026-03-29 2026-03-28T23:00:00Z 24h0m0s
	// 2026-03-30 2026-03-29T22:00:00Z 23h0m0s
	// 2026-03-31 2026-03-30T22:00:00Z 24h0m0s
}

// Samoa went from the 29th to the 31st of December 2011.
func ExampleZone_NextReset_skippedDate() {
	z, err := calendar.Load("Pacific/Apia")
	if err != nil {
		log.Fatal(err)
	}
	at := z.At(calendar.NewDate(2011, 12, 29), 0)
	date, next := z.NextReset(at, 0)
	fmt.Println(date, next.Sub(at))
	// Output: 2011-12-31 24h0m0s
}

// The anchor's day is clamped to short months and never lost.
func ExampleZone_CycleStart() {
	z := rome()
	anchor, err := calendar.ParseInstant("2027-12-31T18:00:00+01:00")
	if err != nil {
		log.Fatal(err)
	}
	for k := range 5 {
		fmt.Println(k, z.CycleStart(anchor, k))
	}
	// Output:
	// 0 2027-12-31T17:00:00Z
	// 1 2028-01-31T17:00:00Z
	// 2 2028-02-29T17:00:00Z
	// 3 2028-03-31T16:00:00Z
	// 4 2028-04-30T16:00:00Z
}

func ExampleZone_CycleIndex() {
	z := rome()
	anchor := z.At(calendar.NewDate(2027, 1, 31), 0)
	lastDay := z.At(calendar.NewDate(2027, 2, 28), 0)
	fmt.Println(z.CycleIndex(anchor, lastDay-1), z.CycleIndex(anchor, lastDay))
	// Output: 0 1
}

func ExampleParseInstant() {
	i, err := calendar.ParseInstant("2026-03-29T03:00:00.25+02:00")
	fmt.Println(i, err)
	_, err = calendar.ParseInstant("2026-02-29T00:00:00Z")
	fmt.Println(err)
	// Output:
	// 2026-03-29T01:00:00.250Z <nil>
	// calendar: instant "2026-02-29T00:00:00Z": day is 29, that month has 28 days; want RFC 3339, such as "2026-03-29T01:00:00Z"
}

func ExampleLoad() {
	_, err := calendar.Load("Rome")
	fmt.Println(err)
	// Output:
	// calendar: zone "Rome" is not in the tz database; want an IANA name such as "UTC" or "Europe/Rome"
}
