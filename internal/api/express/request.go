package express

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
)

// What a request of the lane may have, in bytes.
const (
	maxHead   = 8 << 10
	maxBody   = 16 << 10
	maxFields = 24
)

// errOdd is that a request does not have the one form that is read here.
var errOdd = errors.New("express: a request out of the ordinary")

// request is the request that was read last; the next one is read over it.
type request struct {
	http.Request

	url    url.URL
	fields int               // -1 where the header is of no use for the next request
	names  [maxFields]string // as they were sent
	values [maxFields]string // the header's slices point here
	body   body
	// host, length and stay are the places of the fields that say more than the header does, or -1.
	host, length, stay int
}

// open makes it ready for the requests of one connection.
func (r *request) open(ctx context.Context, remote string) {
	r.Request = *(&http.Request{
		Method: http.MethodPost, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, URL: &r.url, Header: http.Header{}, RemoteAddr: remote,
	}).WithContext(ctx)
	r.fields = -1
}

// parse reads the request that b begins with and gives its length, or 0 where b has only
// a part of it. It takes no other request than those which net/http takes, too, and in the same way.
func (r *request) parse(b []byte) (int, error) {
	end := bytes.Index(b, []byte("\r\n\r\n"))
	switch {
	case end < 0:
		return 0, unfinished(b)
	case end > maxHead:
		return 0, errOdd
	}
	line, rest, _ := bytes.Cut(b[:end], []byte("\r\n"))
	path, ok := bytes.CutPrefix(line, []byte("POST "))
	if !ok {
		return 0, errOdd
	}
	if path, ok = bytes.CutSuffix(path, []byte(" HTTP/1.1")); !ok || !plainPath(path) {
		return 0, errOdd
	}
	if err := r.readFields(rest); err != nil {
		return 0, err
	}
	length, err := r.bodyLength()
	if err != nil {
		return 0, err
	}
	begin := end + len("\r\n\r\n")
	if len(b) < begin+length {
		return 0, nil
	}
	if r.url.Path != string(path) {
		r.url = url.URL{Path: string(path)}
	}
	r.RequestURI, r.Host, r.ContentLength, r.Body = r.url.Path, r.values[r.host], int64(length), http.NoBody
	if length > 0 {
		r.body = body{b[begin : begin+length], io.EOF}
		r.Body = &r.body
	}
	return begin + length, nil
}

// unfinished tells whether more of a request is worth waiting for.
func unfinished(b []byte) error {
	const begins = "POST /"
	if n := min(len(b), len(begins)); string(b[:n]) != begins[:n] || len(b) > maxHead {
		return errOdd
	}
	for i, c := range b {
		if c == '\n' && b[i-1] != '\r' {
			return errOdd // whose end would never be seen
		}
	}
	return nil
}

// readFields reads the fields of a head. The header is only made anew where they have other
// names than those of the request before.
func (r *request) readFields(rest []byte) error {
	n, same := 0, true
	for ; len(rest) > 0; n++ {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte("\r\n"))
		name, value, ok := bytes.Cut(line, []byte(":"))
		value = bytes.Trim(value, " \t")
		if n == maxFields || !ok || !plainName(name) || !plainValue(value) {
			r.fields = -1
			return errOdd
		}
		if same = same && n < r.fields && r.names[n] == string(name); !same {
			r.names[n] = string(name)
		}
		if r.values[n] != string(value) {
			r.values[n] = string(value)
		}
	}
	if same && n == r.fields {
		return nil
	}
	r.fields = n
	if !r.layOut() {
		r.fields = -1
		return errOdd
	}
	return nil
}

// special are fields that change how a message is read, or what is done with it before anybody answers.
var special = map[string]bool{"Transfer-Encoding": true, "Trailer": true, "Te": true, "Expect": true, "Upgrade": true, "Pragma": true, "Http2-Settings": true}

// layOut makes the header of the fields.
func (r *request) layOut() bool {
	clear(r.Header)
	r.host, r.length, r.stay = -1, -1, -1
	for i := range r.fields {
		name := textproto.CanonicalMIMEHeaderKey(r.names[i])
		if _, twice := r.Header[name]; twice || special[name] {
			return false
		}
		r.Header[name] = r.values[i : i+1 : i+1]
		switch name {
		case "Host":
			r.host = i
		case "Content-Length":
			r.length = i
		case "Connection":
			r.stay = i
		}
	}
	delete(r.Header, "Host") // as net/http does
	return r.host >= 0
}

// bodyLength looks at the fields that have a meaning here.
func (r *request) bodyLength() (int, error) {
	if !plainHost(r.values[r.host]) || r.stay >= 0 && !strings.EqualFold(r.values[r.stay], "keep-alive") {
		return 0, errOdd
	}
	if r.length < 0 {
		return 0, nil
	}
	n, err := strconv.ParseUint(r.values[r.length], 10, 32)
	if err != nil || n > maxBody {
		return 0, errOdd
	}
	return int(n), nil
}

// The characters that mean nothing but themselves where they stand.
const alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

var pathChars, nameChars, hostChars = charsOf(alphanumeric + "-_.~:/"), charsOf(alphanumeric + "-"), charsOf(alphanumeric + "-.:[]")

func charsOf(all string) (set [256]bool) {
	for i := range len(all) {
		set[all[i]] = true
	}
	return set
}

func only[T string | []byte](text T, set *[256]bool) bool {
	for i := range len(text) {
		if !set[text[i]] {
			return false
		}
	}
	return len(text) > 0
}

func plainPath(p []byte) bool {
	return only(p, &pathChars) && p[0] == '/' && !bytes.Contains(p, []byte("//"))
}
func plainName(n []byte) bool { return only(n, &nameChars) }
func plainHost(h string) bool { return only(h, &hostChars) }

func plainValue(v []byte) bool {
	for _, c := range v {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// body is a request's body, in memory, and how it ends.
type body struct {
	rest []byte
	end  error
}

func (b *body) Read(into []byte) (int, error) {
	if len(b.rest) == 0 {
		return 0, b.end
	}
	n := copy(into, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

func (*body) Close() error { return nil }
