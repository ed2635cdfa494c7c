package express

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// street is a server with a lane for everything that is posted, or without one.
type street struct {
	*httptest.Server

	lane   *Lane
	driven atomic.Int64 // how often a connection was taken over
	hangUp context.CancelFunc
}

// say answers with all that it was asked.
func say(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("X-Two", "lines\r\nof text")
	w.Header()["X-Many"] = []string{"1", "2"}
	switch r.URL.Path {
	case "/last":
		w.Header().Set("Connection", "close")
	case "/abort":
		panic(http.ErrAbortHandler)
	case "/known":
		w.Header().Set("Content-Length", "6")
		_, _ = io.WriteString(w, "known\n")
		return
	case "/silent":
		return
	}
	if err != nil {
		w.WriteHeader(http.StatusTeapot)
	}
	fmt.Fprintf(w, "%s %s %s %s %q %d %q %v\n", r.Method, r.RequestURI, r.URL, r.Proto, r.Host, r.ContentLength, raw, err)
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		fmt.Fprintf(w, "%s %q\n", name, r.Header[name])
	}
	fmt.Fprintln(w, r.RemoteAddr)
}

// open starts a street; without a lane it is net/http alone. The bound is for idle connections and for heads, if any.
func open(t *testing.T, lane bool, bound time.Duration, answer Handler) *street {
	t.Helper()
	s := &street{lane: &Lane{Find: func(r *http.Request) Handler {
		if r.Method != http.MethodPost {
			return nil
		}
		return answer
	}}}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !lane || !s.lane.Handle(w, r) {
			answer(w, r)
		}
	}))
	ctx, hangUp := context.WithCancel(context.Background())
	s.hangUp = hangUp
	s.Config.BaseContext = func(net.Listener) context.Context { return ctx }
	s.Config.IdleTimeout, s.Config.ReadHeaderTimeout = bound, bound
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateHijacked {
			s.driven.Add(1)
		}
	}
	if lane {
		s.Config.ConnContext = s.lane.ConnContext
	}
	s.Start()
	t.Cleanup(func() { hangUp(); s.Close() })
	return s
}

// client is one connection to a street.
type client struct {
	*net.TCPConn

	t  *testing.T
	in *bufio.Reader
}

func (s *street) dial(t *testing.T) *client {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	return &client{conn.(*net.TCPConn), t, bufio.NewReader(conn)}
}

func (c *client) send(text string) {
	c.t.Helper()
	if _, err := c.Write([]byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

// answer is the next answer, without its date, or the error that it ends with.
func (c *client) answer() string {
	r, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return "ends"
	}
	raw, err := io.ReadAll(r.Body)
	if r.StatusCode != 100 && r.Header.Get("Date") == "" && r.StatusCode < 400 {
		c.t.Errorf("no date: %+v", r)
	}
	r.Header.Del("Date")
	if r.Close && r.StatusCode >= 400 {
		return r.Status + closes
	}
	r.Header.Del("Content-Length") // net/http sends a long answer in chunks
	body := strings.ReplaceAll(string(raw), c.LocalAddr().String(), "CLIENT")
	return fmt.Sprintln(r.Status, r.Proto, r.Header, r.Close, body, err)
}

// rest is all answers up to the end of the connection.
func (c *client) rest() (all []string) {
	for {
		a := c.answer()
		all = append(all, a)
		if a == "ends" || strings.HasSuffix(a, closes) {
			return all
		}
	}
}

// closes ends an answer that ends the connection. What comes with it may be lost, where
// the server closes before it has read all that the client sent.
const closes = ", and closes"

const get = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"

// TestAnswersAreThoseOfTheServer sends the same to a server with and without a lane: all at once, in
// small pieces, and each request after the answer to the one before.
func TestAnswersAreThoseOfTheServer(t *testing.T) {
	t.Parallel()
	with, without := open(t, true, 0, say), open(t, false, 0, say)
	last := strings.Replace(plain, "/v1", "/last/v1", 1)
	sequences := map[string][]string{
		"cut":    {"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nx"},
		"half":   {"POST /a HT"},
		"last":   {strings.Replace(plain, "/v1/accounts/a/charges", "/last", 1), plain},
		"abort":  {strings.Replace(plain, "/v1/accounts/a/charges", "/abort", 1), plain},
		"known":  {strings.Replace(plain, "/v1/accounts/a/charges", "/known", 1), plain},
		"silent": {strings.Replace(plain, "/v1/accounts/a/charges", "/silent", 1), plain},
		"get":    {get, plain, get, get, plain},
	}
	for name, text := range requests {
		sequences[name] = []string{text, plain, requests["many fields"], last}
	}
	for name, after := range sequences {
		for before := range enough + 3 {
			if before > 1 && before < enough-1 {
				continue
			}
			all := append(slices.Repeat([]string{plain}, before), after...)
			for way, send := range map[string]func(c *client){
				"at once": func(c *client) { _, _ = c.Write([]byte(strings.Join(all, ""))) },
				"in pieces": func(c *client) {
					for piece := range slices.Chunk([]byte(strings.Join(all, "")), 61) {
						_, _ = c.Write(piece)
					}
				},
			} {
				var got [2][]string
				for i, s := range []*street{with, without} {
					c := s.dial(t)
					send(c)
					_ = c.CloseWrite()
					got[i] = c.rest()
				}
				if !slices.Equal(got[0], got[1]) {
					i := 0
					for i < min(len(got[0]), len(got[1]))-1 && got[0][i] == got[1][i] {
						i++
					}
					t.Errorf("%s after %d, %s: %d answers, by the server alone %d; number %d is %q, by the server alone %q",
						name, before, way, len(got[0]), len(got[1]), i, got[0][i], got[1][i])
				}
			}
			if !slices.Equal(after, sequences["cut"]) && !slices.Equal(after, sequences["half"]) {
				oneByOne(t, with, without, name, all)
			}
		}
	}
	if with.driven.Load() == 0 || without.driven.Load() > 0 {
		t.Errorf("%d connections were taken over, without a lane %d", with.driven.Load(), without.driven.Load())
	}
}

func oneByOne(t *testing.T, with, without *street, name string, all []string) {
	t.Helper()
	a, b := with.dial(t), without.dial(t)
	for i, text := range all {
		if text == requests["two at once"] || text == requests["unknown version"] {
			return
		}
		_, errA := a.Write([]byte(text))
		_, errB := b.Write([]byte(text))
		got, want := a.answer(), b.answer()
		if got != want {
			t.Errorf("%s, one by one, request %d of %d: %q, by the server alone %q (%v, %v)", name, i, len(all), got, want, errA, errB)
		}
		if want == "ends" {
			return
		}
	}
}

// TestWhatIsTakenOver counts: a connection is taken over once it brings nothing else, and
// comes back when it does.
func TestWhatIsTakenOver(t *testing.T) {
	t.Parallel()
	s := open(t, true, 0, say)
	ask := func(c *client, text string, times int) {
		t.Helper()
		for range times {
			c.send(text)
			if a := c.answer(); !strings.HasPrefix(a, "200") {
				t.Fatal(a)
			}
		}
	}
	c := s.dial(t)
	for _, step := range []struct {
		text   string
		times  int
		driven int64
	}{{plain, enough, 0}, {plain, 1, 1}, {plain, 30, 1}, {get, 3, 1}, {plain, enough, 1}, {plain, 2, 2}, {requests["chunked"], 20, 2}, {plain, enough, 2}, {plain, 1, 3}} {
		ask(c, step.text, step.times)
		if n := s.driven.Load(); n != step.driven {
			t.Fatalf("taken over %d times after %+v", n, step)
		}
	}
	mixed := s.dial(t)
	for range 2 * enough {
		ask(mixed, plain, enough-1)
		ask(mixed, get, 1)
	}
	if n := s.driven.Load(); n != 3 {
		t.Errorf("a connection with all kinds of requests was taken over (%d)", n)
	}
}

// taken is a connection that the lane drives.
func (s *street) taken(t *testing.T) *client {
	t.Helper()
	c := s.dial(t)
	before := s.driven.Load()
	for range enough + 1 {
		c.send(plain)
		c.answer()
	}
	if s.driven.Load() == before {
		t.Fatal("the connection was not taken over")
	}
	return c
}

// TestBoundsOfTheServer has connections end that bring nothing, or half a request.
func TestBoundsOfTheServer(t *testing.T) {
	t.Parallel()
	s := open(t, true, 40*time.Millisecond, say)
	for _, begun := range []string{"", "POST /a HTTP/1.1\r\n", get + "GET /", plain + "POST /a HTTP/1.1\r\nHost: a\r\n"} {
		c := s.taken(t)
		c.send(begun)
		for {
			if _, err := c.in.ReadByte(); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatalf("%q is waited for without an end", begun)
			} else if err != nil {
				break
			}
		}
	}
}

// TestALateBody has a body come after its head, and then another request: the bound of the
// first does not end the second.
func TestALateBody(t *testing.T) {
	t.Parallel()
	s := open(t, true, time.Minute, say)
	c := s.taken(t)
	for range 3 {
		c.send(plain[:len(plain)-4])
		c.send("body")
		if a := c.answer(); !strings.Contains(a, `"body"`) {
			t.Error(a)
		}
	}
	if s.driven.Load() != 1 {
		t.Error("the connection was given back meanwhile")
	}
}

// TestTheServerStops has idle connections end at once, and others once they are answered.
func TestTheServerStops(t *testing.T) {
	t.Parallel()
	begun, finish := make(chan struct{}), make(chan struct{})
	s := open(t, true, 0, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			begun <- struct{}{}
			<-finish
		}
		say(w, r)
	})
	idle, busy, late := s.taken(t), s.taken(t), s.taken(t)
	busy.send("POST /slow HTTP/1.1\r\nHost: a\r\n\r\n")
	<-begun
	late.send("POST /a HT")
	s.hangUp()
	if a := idle.answer(); a != "ends" {
		t.Errorf("an idle connection: %s", a)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Config.Shutdown(over); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if a := late.answer(); a != "ends" {
		t.Errorf("half a request: %s", a)
	}
	if err := s.lane.Wait(over); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait while a request is answered: %v", err)
	}
	close(finish)
	if a := busy.answer(); !strings.HasPrefix(a, "200") || !strings.Contains(a, " true POST /slow") {
		t.Errorf("a request that was under way: %s", a)
	}
	if err := s.lane.Wait(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestGivenBackTooLate has a connection end whose server takes none any more.
func TestGivenBackTooLate(t *testing.T) {
	t.Parallel()
	s := open(t, true, 0, say)
	c := s.taken(t)
	if err := s.Config.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.send(plain)
	if a := c.answer(); !strings.HasPrefix(a, "200") {
		t.Error(a)
	}
	c.send(get)
	if a := c.answer(); a != "ends" {
		t.Error(a)
	}
	if err := s.lane.Wait(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestOtherConnections has the lane answer where it can take nothing over.
func TestOtherConnections(t *testing.T) {
	t.Parallel()
	s := open(t, false, 0, say)
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.lane.Handle(w, r) })
	c := s.dial(t)
	for range 2 * enough {
		c.send(plain)
		if a := c.answer(); !strings.HasPrefix(a, "200") {
			t.Fatal(a)
		}
	}
	a, b := net.Pipe()
	defer func() { _ = cmp.Or(a.Close(), b.Close()) }()
	if ctx := s.lane.ConnContext(t.Context(), a); ctx != t.Context() {
		t.Error("a connection that is not of TCP would be taken over")
	}
}
