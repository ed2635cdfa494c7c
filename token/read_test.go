package token

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// entries are journal entries of all shapes, as AppendJSON writes them.
var entries = []string{
	`{"account":"a","seq":1,"at":"2026-03-01T12:00:00Z","kind":"open","key":"open","command":{"plan":"artisan"},"catalog":"test-1","grants":[{"id":"plan-1","kind":"plan","amount":1000000,"remaining":0,"starts":"2026-03-01T12:00:00Z","expires":"2026-04-01T12:00:00Z","source":"cycle started"}],"postings":[{"grant":"plan-1","from":"issued","to":"available","tokens":1000000,"why":"cycle started"}],"facts":{"plan":"artisan","zone":"UTC","opened":"2026-03-01T12:00:00Z","reset_at":"2026-03-01T12:00:00Z","next_reset":"2026-03-02T00:00:00Z","cycle_anchor":"2026-03-01T12:00:00Z","cycle_ends":"2026-04-01T12:00:00Z"},"balance":1000000}`,
	`{"account":"a","seq":2,"at":"2026-03-01T12:00:00.500Z","kind":"hold","command":{"id":"6","tokens":3},"catalog":"test-1","postings":[{"grant":"plan-1","from":"available","to":"held","tokens":3,"hold":"6"}],"hold":{"id":"6","at":"2026-03-01T12:00:00.500Z","tokens":3,"lane":"fast","parts":[{"grant":"plan-1","tokens":2},{"grant":"b","tokens":1}],"expires":"2027-03-01T12:00:00Z","feature":"x","counted":3},"balance":999997}`,
	`{"account":"a","seq":3,"at":"2026-03-01T12:00:00Z","kind":"settle","requested":"2026-03-01T11:00:00Z","command":{"id":"6"},"catalog":"test-1","postings":[{"grant":"plan-1","from":"held","to":"spent/x","tokens":3,"hold":"6","kind":"plan","expires":"2026-04-01T12:00:00Z","starts":"2026-03-01T12:00:00Z","giftable_from":"2026-03-02T12:00:00Z"},{"grant":"b","from":"held","to":"spent","tokens":1,"at":"2026-03-01T12:00:00Z"}],"closed":["6","7"],"balance":-5}`,
	`{"account":"a","seq":4,"at":"2026-03-01T12:00:00Z","kind":"roll","catalog":"test-1","relaxed_reset":true,"refunded":7,"code":"WELCOME","balance":0}`,
	`{"account":"Zo\u003cë\"","seq":4,"at":"2026-03-01T12:00:00Z","kind":"adjust","command":{"tokens":-5,"reason":"]}\"\\"},"catalog":"","balance":0}`,
}

// agree holds plain to encoding/json.
func agree(t *testing.T, canonical []byte) bool {
	t.Helper()
	e, ok := plain(canonical)
	if !ok {
		return false
	}
	var want Entry
	if err := json.Unmarshal(canonical, &want); err != nil {
		t.Fatalf("it reads %s, which is refused: %v", canonical, err)
	}
	if !reflect.DeepEqual(e, want) {
		t.Fatalf("%s is read as\n%+v, want\n%+v", canonical, e, want)
	}
	return true
}

func TestPlainEntriesAreReadAsJSONIs(t *testing.T) {
	for i, canonical := range entries {
		if read := agree(t, []byte(canonical)); read != (i < 4) {
			t.Errorf("%s is plain: %v", canonical, read)
		}
		if _, err := ParseEntry([]byte(canonical)); err != nil {
			t.Error(err)
		}
		for j := range canonical { // what is cut off is no entry, what is changed may be another
			if agree(t, []byte(canonical[:j])) {
				t.Errorf("%s is read", canonical[:j])
			}
			for _, c := range `"{}[],:0 x\` {
				agree(t, []byte(canonical[:j]+string(c)+canonical[j+1:]))
				agree(t, []byte(canonical[:j]+string(c)+canonical[j:]))
			}
		}
	}
}

// Whatever bytes come, plain reads what encoding/json reads, or leaves it to it.
func FuzzParseEntry(f *testing.F) {
	for _, canonical := range entries {
		f.Add([]byte(canonical))
		f.Add([]byte(strings.ReplaceAll(canonical, ":", ": ")))
	}
	f.Fuzz(func(t *testing.T, raw []byte) { agree(t, raw) })
}

func BenchmarkParseEntry(b *testing.B) {
	canonical := []byte(entries[1])
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			if _, err := ParseEntry(canonical); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("json", func(b *testing.B) {
		for b.Loop() {
			var e Entry
			if err := json.Unmarshal(canonical, &e); err != nil {
				b.Fatal(err)
			}
		}
	})
}
