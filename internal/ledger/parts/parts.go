// Package parts writes and reads what stands in an account's row and is written anew with
// every command: short texts, put together and taken apart several times faster than JSON.
// It knows nothing of what they mean.
//
// A text is parts that end with ';'. A part is its kind and fields, with blanks between
// them; whoever reads it knows the fields' order. Fields of zero at a part's end are left
// out, so that a field may be added at the end later on. An empty text is '-'; what would be
// taken for something else is written as '%' and two hexadecimal digits.
package parts

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Writer writes parts behind what is in Text.
type Writer struct {
	Text []byte
	// full is where the part's last field ends that has to be written.
	full int
}

// Begin starts a part.
func (w *Writer) Begin(kind string) *Writer {
	w.Text = append(w.Text, kind...)
	w.full = len(w.Text)
	return w
}

// End ends the part that Begin started.
func (w *Writer) End() { w.Text = append(w.Text[:w.full], ';') }

// String writes a text.
func (w *Writer) String(s string) *Writer {
	w.Text = append(w.Text, ' ')
	if s == "" {
		w.Text = append(w.Text, '-')
		return w
	}
	w.Text = appendEscaped(w.Text, s)
	w.full = len(w.Text)
	return w
}

// Int writes a whole number.
func (w *Writer) Int(n int64) *Writer {
	w.Text = strconv.AppendInt(append(w.Text, ' '), n, 10)
	if n != 0 {
		w.full = len(w.Text)
	}
	return w
}

// Milli writes thousandths as whole numbers where they are some, which is shorter.
func (w *Writer) Milli(n int64) *Writer {
	if n%1000 == 0 {
		return w.Int(n / 1000)
	}
	w.Text = strconv.AppendInt(append(w.Text, ' ', '.'), n, 10)
	w.full = len(w.Text)
	return w
}

func escaped(c byte) bool { return c <= ' ' || c == '%' || c == ';' || c == 0x7f }

func appendEscaped(b []byte, s string) []byte {
	if s == "-" {
		return append(b, "%2D"...)
	}
	for i := range len(s) {
		if escaped(s[i]) {
			const digits = "0123456789ABCDEF"
			b = append(b, '%', digits[s[i]>>4], digits[s[i]&15])
			continue
		}
		b = append(b, s[i])
	}
	return b
}

// Reader walks a text. After the first thing that it can't read it gives zeros and no more parts.
type Reader struct {
	// fields is what is left of the part at hand, rest the parts after it.
	fields, rest string
	err          error
}

// Read starts at the beginning of a text.
func Read(text string) *Reader { return &Reader{rest: text} }

// Err is the first thing that could not be read, or nil.
func (r *Reader) Err() error { return r.err }

// Fail notes that something can't be read.
func (r *Reader) Fail(field string) {
	if r.err == nil {
		r.err = fmt.Errorf("%q is not what stands here", field)
	}
	r.fields, r.rest = "", ""
}

// Next goes to the next part and gives its kind; false at the end. The part before has to be read to its end.
func (r *Reader) Next() (kind string, ok bool) {
	if r.fields != "" {
		r.Fail(r.fields)
	}
	if r.rest == "" {
		return "", false
	}
	part, rest, ended := strings.Cut(r.rest, ";")
	if !ended {
		r.Fail(part)
		return "", false
	}
	r.rest = rest
	kind, r.fields, _ = strings.Cut(part, " ")
	return kind, true
}

// More tells whether the part at hand has more fields.
func (r *Reader) More() bool { return r.fields != "" }

// next gives the next field, or "" where the part has no more of them.
func (r *Reader) next() (field string) {
	field, r.fields, _ = strings.Cut(r.fields, " ")
	return field
}

// String reads a text.
func (r *Reader) String() string {
	field := r.next()
	if field == "-" {
		return ""
	}
	if strings.IndexByte(field, '%') < 0 {
		return field
	}
	text, err := url.PathUnescape(field)
	if err != nil {
		r.Fail(field)
		return ""
	}
	return text
}

// Int reads a whole number.
func (r *Reader) Int() int64 {
	field := r.next()
	if field == "" {
		return 0
	}
	n, err := strconv.ParseInt(field, 10, 64)
	if err != nil {
		r.Fail(field)
	}
	return n
}

// Milli reads what Writer.Milli wrote.
func (r *Reader) Milli() int64 {
	if strings.HasPrefix(r.fields, ".") {
		r.fields = r.fields[1:]
		return r.Int()
	}
	return r.Int() * 1000
}
