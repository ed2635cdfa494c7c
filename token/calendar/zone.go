package calendar

import (
	"fmt"
	"sync"
	"time"
	_ "time/tzdata" // the zones of the tz database, for machines that have none
)

// Zone is an IANA time zone. It is a small immutable value, safe to copy and to
// share; two zones are == when their names are equal. The zero Zone is UTC.
type Zone struct {
	spans *table // nil for UTC
}

const utcName = "UTC"

// utc serves the zero Zone: one span with the offset 0.
var utc = &table{name: utcName, starts: []int64{dawn}, peaks: []int64{dawn}, offsets: []int64{0}}

// loaded holds a Zone for each name that Load has found. Unknown names are not
// remembered, so the map cannot outgrow the tz database.
var loaded sync.Map

// Load returns the zone with the given name in the tz database, such as UTC or
// Europe/Rome. It refuses names that would mean another thing on another
// machine: "", Local and paths. The first Load of a zone reads the database and
// takes under a millisecond or so; after that it is a look-up. Safe for
// concurrent use.
func Load(name string) (Zone, error) {
	if name == utcName {
		return Zone{}, nil
	}
	if z, ok := loaded.Load(name); ok {
		return z.(Zone), nil
	}
	if !zoneName(name) {
		return Zone{}, fmt.Errorf("calendar: zone %s is not an IANA name; want one such as %q or %q", clip(name), utcName, "Europe/Rome")
	}
	location, err := time.LoadLocation(name)
	if err != nil {
		return Zone{}, fmt.Errorf("calendar: zone %s is not in the tz database; want an IANA name such as %q or %q", clip(name), utcName, "Europe/Rome")
	}
	z, _ := loaded.LoadOrStore(name, Zone{newTable(name, location)})
	return z.(Zone), nil
}

// zoneName reports whether name is written like the names of the tz database:
// parts between slashes, each of which begins with a capital. That also keeps
// out the other files of a system's database (posix/…, right/…, zone.tab).
func zoneName(name string) bool {
	const longest = 64
	if len(name) > longest || name == "Local" {
		return false
	}
	begin := true
	for k := range len(name) {
		b := name[k]
		letter := b >= 'A' && b <= 'Z'
		switch {
		case begin && !letter:
			return false
		case b == '/':
			begin = true
			continue
		case letter, b >= 'a' && b <= 'z', isDigit(b), b == '_', b == '+', b == '-':
		default:
			return false
		}
		begin = false
	}
	return !begin
}

func (z Zone) table() *table {
	if z.spans == nil {
		return utc
	}
	return z.spans
}

// Name returns the zone's IANA name.
func (z Zone) Name() string { return z.table().name }

// DateAt returns the civil date that the zone's wall clock shows at i.
func (z Zone) DateAt(i Instant) Date {
	return Date(floorDiv(z.table().wall(i), dayMillis))
}

// At returns the instant of a local date and time (T5): a local time inside a
// gap is the first instant after the gap, and one that occurs twice is its
// first occurrence.
func (z Zone) At(d Date, c Clock) Instant {
	return z.table().reach(wallOf(d, c))
}

// wallOf returns a date and time of day in the form of table.wall.
func wallOf(d Date, c Clock) int64 {
	return (int64(d)*daySeconds + int64(c)) * milli
}
