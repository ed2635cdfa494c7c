package parts_test

import (
	"testing"

	"github.com/florin-studio/florin/internal/ledger/parts"
)

func TestWritingAndReading(t *testing.T) {
	t.Parallel()
	w := parts.Writer{Text: []byte("before;")}
	w.Begin("a").String("x y").Int(0).Milli(1500).Milli(2000).String("").Int(0).End()
	w.Begin("b").String("").Int(0).End()
	w.Begin("c").String("-").String("%;\x00\x7fü").Int(-7).End()
	want := "before;a x%20y 0 .1500 2;b;c %2D %25%3B%00%7Fü -7;"
	if string(w.Text) != want {
		t.Fatalf("%s, want %s", w.Text, want)
	}
	r := parts.Read(want)
	if kind, ok := r.Next(); !ok || kind != "before" || r.More() {
		t.Errorf("%q %v", kind, ok)
	}
	if kind, ok := r.Next(); !ok || kind != "a" || !r.More() || r.String() != "x y" || r.Int() != 0 || r.Milli() != 1500 || r.Milli() != 2000 || r.String() != "" || r.Int() != 0 {
		t.Errorf("%q %v", kind, ok)
	}
	if kind, ok := r.Next(); !ok || kind != "b" || r.String() != "" || r.Int() != 0 {
		t.Errorf("%q %v", kind, ok)
	}
	if kind, ok := r.Next(); !ok || kind != "c" || r.String() != "-" || r.String() != "%;\x00\x7fü" || r.Int() != -7 {
		t.Errorf("%q %v", kind, ok)
	}
	if kind, ok := r.Next(); ok || r.Err() != nil {
		t.Errorf("after the end %q, %v", kind, r.Err())
	}
}

func TestWhatCantBeReadEndsIt(t *testing.T) {
	t.Parallel()
	for text, read := range map[string]func(r *parts.Reader){
		"a x;b;":   func(r *parts.Reader) {}, // a field that nobody reads
		"a x":      func(r *parts.Reader) {}, // no end
		"a x;b 1;": func(r *parts.Reader) { r.Int() },
		"a %4;b;":  func(r *parts.Reader) { _ = r.String() },
		"a %zz;b;": func(r *parts.Reader) { _ = r.String() },
		"a .x;b;":  func(r *parts.Reader) { r.Milli() },
	} {
		r := parts.Read(text)
		r.Next()
		read(r)
		if kind, ok := r.Next(); ok || r.Err() == nil {
			t.Errorf("%q goes on with %q, %v", text, kind, r.Err())
		}
	}
}
