package calendar

import "time"

const daySeconds = 86_400

// Date is a civil day: the number of days since 1970-01-01 in the Gregorian
// calendar, which is applied to all of the past as well. It belongs to no zone.
type Date int32

// NewDate returns the date of year, month and day. As with time.Date, a month
// or day outside its range runs over into the neighbouring ones: 32 October is
// 1 November.
func NewDate(year int, month time.Month, day int) Date {
	midnight := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	return Date(floorDiv(midnight.Unix(), daySeconds))
}

// Civil returns the year, month and day of the month.
func (d Date) Civil() (year int, month time.Month, day int) {
	return time.Unix(int64(d)*daySeconds, 0).UTC().Date()
}

// String returns the date as year, month and day: 2026-03-29.
func (d Date) String() string {
	var buf [16]byte
	return string(d.append(buf[:0]))
}

func (d Date) append(b []byte) []byte {
	year, month, day := d.Civil()
	if year < 0 {
		b, year = append(b, '-'), -year
	}
	b = appendDigits(b, year, 4)
	b = append(b, '-')
	b = appendDigits(b, int(month), 2)
	b = append(b, '-')
	return appendDigits(b, day, 2)
}

// DaysIn returns the number of days in a month, 28 to 31. A month outside 1 to
// 12 counts into the neighbouring years.
func DaysIn(year int, month time.Month) int {
	if month < time.January || month > time.December {
		year, month, _ = NewDate(year, month, 1).Civil()
	}
	switch month {
	case time.April, time.June, time.September, time.November:
		return 30
	case time.February:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// appendDigits appends n, which is not negative, with at least width digits.
func appendDigits(b []byte, n, width int) []byte {
	var digits [20]byte
	at := len(digits)
	for n > 0 || len(digits)-at < width {
		at--
		digits[at] = byte('0' + n%10)
		n /= 10
	}
	return append(b, digits[at:]...)
}

// floorDiv divides rounding down; unit is positive.
func floorDiv(n, unit int64) int64 {
	q := n / unit
	if n%unit < 0 {
		q--
	}
	return q
}

// floorMod is the remainder of floorDiv, from 0 to unit-1.
func floorMod(n, unit int64) int64 {
	m := n % unit
	if m < 0 {
		m += unit
	}
	return m
}
