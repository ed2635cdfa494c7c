package express

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/textproto"
	"reflect"
	"strings"
	"testing"
)

const plain = "POST /v1/accounts/a/charges HTTP/1.1\r\nHost: localhost:80\r\nContent-Length: 4\r\n\r\nbody"

// requests are plain and odd ones, by what is special about them.
var requests = map[string]string{
	"plain":                     plain,
	"no body":                   "POST /a HTTP/1.1\r\nHost: a\r\n\r\n",
	"empty body":                "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
	"many fields":               "POST /a:b/c-d_e.f~g HTTP/1.1\r\nhost: [::1]:80\r\nX-A:1\r\nx-b: \t2 \t\r\nX-C: \r\ncontent-length: 2\r\nConnection: Keep-Alive\r\n\r\nxy",
	"two at once":               plain + plain,
	"other method":              "GET /a HTTP/1.1\r\nHost: a\r\n\r\n",
	"unknown method":            "post /a HTTP/1.1\r\nHost: a\r\n\r\n",
	"older":                     "POST /a HTTP/1.0\r\nHost: a\r\nContent-Length: 1\r\n\r\nx",
	"unknown version":           "POST /a HTTP/1.2\r\nHost: a\r\n\r\n",
	"no version":                "POST /a\r\nHost: a\r\n\r\n",
	"query":                     "POST /a?b=c HTTP/1.1\r\nHost: a\r\n\r\n",
	"escape":                    "POST /a%2fb HTTP/1.1\r\nHost: a\r\n\r\n",
	"absolute":                  "POST http://b/a HTTP/1.1\r\nHost: a\r\n\r\n",
	"two slashes":               "POST //a/b HTTP/1.1\r\nHost: a\r\n\r\n",
	"space in path":             "POST /a b HTTP/1.1\r\nHost: a\r\n\r\n",
	"no host":                   "POST /a HTTP/1.1\r\nContent-Length: 1\r\n\r\nx",
	"empty host":                "POST /a HTTP/1.1\r\nHost:\r\nContent-Length: 1\r\n\r\nx",
	"two hosts":                 "POST /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
	"bad host":                  "POST /a HTTP/1.1\r\nHost: a/b\r\n\r\n",
	"lengths differ":            "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy",
	"length twice":              "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
	"length with sign":          "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx",
	"negative length":           "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\nx",
	"no number":                 "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1x\r\n\r\nx",
	"empty length":              "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
	"length with zeros":         "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 0001\r\n\r\nx",
	"chunked":                   "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
	"chunked with length":       "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
	"chunked, spelled oddly":    "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\nContent-Length: 1\r\n\r\nx",
	"expects":                   "POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
	"expects what nobody knows": "POST /a HTTP/1.1\r\nHost: a\r\nExpect: more\r\nContent-Length: 1\r\n\r\nx",
	"closes":                    "POST /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx",
	"names fields to drop":      "POST /a HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, x-a\r\nContent-Length: 1\r\n\r\nx",
	"upgrades":                  "POST /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n\r\nx",
	"pragma":                    "POST /a HTTP/1.1\r\nHost: a\r\nPragma: no-cache\r\nContent-Length: 1\r\n\r\nx",
	"trailer":                   "POST /a HTTP/1.1\r\nHost: a\r\nTrailer: X-A\r\nContent-Length: 1\r\n\r\nx",
	"field twice":               "POST /a HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 1\r\n\r\nx",
	"folded":                    "POST /a HTTP/1.1\r\nHost: a\r\nX-A: 1\r\n 2\r\nContent-Length: 1\r\n\r\nx",
	"no colon":                  "POST /a HTTP/1.1\r\nHost: a\r\nX-A\r\nContent-Length: 1\r\n\r\nx",
	"no name":                   "POST /a HTTP/1.1\r\nHost: a\r\n: 1\r\nContent-Length: 1\r\n\r\nx",
	"blank first":               "POST /a HTTP/1.1\r\n Host: a\r\nContent-Length: 1\r\n\r\nx",
	"zero in value":             "POST /a HTTP/1.1\r\nHost: a\r\nX-A: \x00\r\nContent-Length: 1\r\n\r\nx",
	"return in value":           "POST /a HTTP/1.1\r\nHost: a\r\nX-A: 1\rX-B: 2\r\nContent-Length: 1\r\n\r\nx",
	"umlaut in value":           "POST /a HTTP/1.1\r\nHost: a\r\nX-A: ä\r\nContent-Length: 1\r\n\r\nx",
	"tab in value":              "POST /a HTTP/1.1\r\nHost: a\r\nX-A: 1\t2\r\nContent-Length: 1\r\n\r\nx",
	"other name":                "POST /a HTTP/1.1\r\nHost: a\r\nX_A!: 1\r\nContent-Length: 1\r\n\r\nx",
	"line feeds":                "POST /a HTTP/1.1\nHost: a\nContent-Length: 1\n\nx",
	"one line feed":             "POST /a HTTP/1.1\r\nHost: a\nX-A: 1\r\nContent-Length: 1\r\n\r\nx",
	"empty line first":          "\r\nPOST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx",
	"too long":                  "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n" + strings.Repeat("x", 20000),
	"long head":                 "POST /a HTTP/1.1\r\nHost: a\r\nX-A: " + strings.Repeat("x", maxHead) + "\r\nContent-Length: 1\r\n\r\nx",
	"fields without end":        "POST /a HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("X-A: 1\r\n", 2*maxFields) + "\r\n",
	"garbage":                   "\x16\x03\x01 what is this\r\n\r\n",
}

// plainOnes are those of them that are read here.
var plainOnes = []string{"plain", "no body", "empty body", "many fields", "two at once", "length with zeros"}

func fresh() *request {
	r := new(request)
	r.open(context.Background(), "")
	return r
}

func TestOnlyPlainRequestsAreRead(t *testing.T) {
	for name, text := range requests {
		n, err := fresh().parse([]byte(text))
		want := false
		for _, p := range plainOnes {
			want = want || p == name
		}
		if read := err == nil && n > 0; read != want {
			t.Errorf("%s: %d, %v", name, n, err)
		}
	}
}

// TestAnOddRequestIsNotWaitedFor has net/http see at once what can become no plain request.
func TestAnOddRequestIsNotWaitedFor(t *testing.T) {
	for _, begins := range []string{"G", "POST a", "POST /a HTTP/1.1\n", "POST /a HTTP/1.1\r\nHost: a\nX", "POST /" + strings.Repeat("a", 2*maxHead)} {
		if _, err := fresh().parse([]byte(begins)); err == nil {
			t.Errorf("%.30q is waited for", begins)
		}
	}
}

// FuzzParse holds what is read here to what net/http reads.
func FuzzParse(f *testing.F) {
	for _, text := range requests {
		f.Add([]byte(plain), []byte(text))
		f.Add([]byte(text), []byte(plain))
	}
	f.Fuzz(func(t *testing.T, before, b []byte) {
		r := fresh()
		n, err := r.parse(b)
		used := fresh() // which has read another one before
		_, _ = used.parse(before)
		if m, e := used.parse(b); m != n || (e == nil) != (err == nil) || n > 0 && !same(t, &used.Request, &r.Request) {
			t.Fatalf("%q after %q: %d, %v, alone %d, %v", b, before, m, e, n, err)
		}
		for i := range b {
			if m, e := fresh().parse(b[:i]); err == nil && (e != nil || m > 0 && m != n) {
				t.Fatalf("%q, of which %d bytes are there: %d, %v", b, i, m, e)
			}
		}
		if n == 0 || err != nil {
			return
		}
		_, _ = r.parse(b) // same has read the body
		in := bytes.NewReader(b)
		buffered := bufio.NewReader(in)
		want, err := http.ReadRequest(buffered)
		if err != nil {
			t.Fatalf("%q is read, but net/http says %v", b, err)
		}
		if !same(t, &r.Request, want) {
			t.Fatalf("%q: %+v, net/http %+v", b, &r.Request, want)
		}
		if left := in.Len() + buffered.Buffered(); left != len(b)-n {
			t.Fatalf("%q: %d bytes are read, by net/http all but %d of %d", b, n, left, len(b))
		}
		if hosts := fieldsNamed(b[:n], "Host"); hosts != 1 || want.Close || len(want.TransferEncoding) > 0 || want.Header.Get("Expect") != "" {
			t.Fatalf("%q is not plain", b)
		}
	})
}

func fieldsNamed(b []byte, name string) (n int) {
	head, _, _ := bytes.Cut(b, []byte("\r\n\r\n"))
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		if key, _, ok := bytes.Cut(line, []byte(":")); ok && textproto.CanonicalMIMEHeaderKey(string(key)) == name {
			n++
		}
	}
	return n
}

// same compares two requests, and reads their bodies.
func same(t *testing.T, a, b *http.Request) bool {
	t.Helper()
	body := func(r *http.Request) string {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	return a.Method == b.Method && reflect.DeepEqual(a.URL, b.URL) && a.RequestURI == b.RequestURI && a.Proto == b.Proto && a.ProtoMajor == b.ProtoMajor && a.ProtoMinor == b.ProtoMinor &&
		a.Host == b.Host && a.ContentLength == b.ContentLength && a.Close == b.Close && (a.Body == http.NoBody) == (b.Body == http.NoBody) &&
		maps.EqualFunc(a.Header, b.Header, func(x, y []string) bool { return reflect.DeepEqual(x, y) }) && body(a) == body(b)
}
