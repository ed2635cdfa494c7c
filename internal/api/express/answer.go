package express

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// answer is the answer to a request, as a whole; the next one is written over it.
type answer struct {
	header http.Header
	status int
	body   []byte

	bytes  []byte
	names  []string
	closes bool // it said that the connection ends with it
	second int64
	date   []byte // of that second
}

// begin makes it empty.
func (a *answer) begin() {
	clear(a.header)
	a.status, a.body = 0, a.body[:0]
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	a.body = append(a.body, b...)
	return len(b), nil
}

// whole gives the answer as it is sent; last tells that the connection ends with it.
func (a *answer) whole(last bool) []byte {
	a.WriteHeader(http.StatusOK)
	a.closes = last || a.header.Get("Connection") == "close"
	b := append(a.bytes[:0], "HTTP/1.1 "...)
	b = strconv.AppendInt(b, int64(a.status), 10)
	b = append(b, ' ')
	b = append(b, http.StatusText(a.status)...)
	a.names = a.names[:0]
	for name := range a.header {
		a.names = append(a.names, name)
	}
	slices.Sort(a.names)
	for _, name := range a.names {
		switch name {
		case "Connection", "Content-Length", "Date":
			continue // below
		}
		for _, value := range a.header[name] {
			b = appendField(b, name, value)
		}
	}
	if a.closes {
		b = appendField(b, "Connection", "close")
	}
	b = append(b, "\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(a.body)), 10)
	b = append(b, "\r\nDate: "...)
	b = append(b, a.now()...)
	b = append(b, "\r\n\r\n"...)
	a.bytes = append(b, a.body...)
	return a.bytes
}

// appendField writes a field; what would end it is written as a blank, as net/http does.
func appendField(b []byte, name, value string) []byte {
	b = append(b, "\r\n"...)
	b = append(b, name...)
	b = append(b, ": "...)
	from := len(b)
	b = append(b, value...)
	for i := from; i < len(b); i++ {
		if b[i] == '\r' || b[i] == '\n' {
			b[i] = ' '
		}
	}
	return b
}

// now is the date as HTTP writes it.
func (a *answer) now() []byte {
	now := time.Now()
	if second := now.Unix(); second != a.second {
		a.second, a.date = second, now.UTC().AppendFormat(a.date[:0], http.TimeFormat)
	}
	return a.date
}
