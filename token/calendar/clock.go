package calendar

// Clock is a time of day as a wall clock shows it: seconds after 00:00, from 0
// to 86399. On a day with a gap or a repeat it is not the time that has passed
// since midnight.
type Clock int32

// String returns hours and minutes, and seconds when they are not zero: 00:00,
// 23:59:30.
func (c Clock) String() string {
	var buf [8]byte
	text := c.appendSeconds(buf[:0])
	if c%60 == 0 {
		text = text[:len(text)-len(":00")]
	}
	return string(text)
}

func (c Clock) appendSeconds(b []byte) []byte {
	s := int(c)
	b = appendDigits(b, s/3600, 2)
	b = append(b, ':')
	b = appendDigits(b, s/60%60, 2)
	b = append(b, ':')
	return appendDigits(b, s%60, 2)
}
