// Package express serves connections that bring one plain request after another, at less
// cost than net/http does, and takes part in a net/http server for that.
//
// A connection begins with net/http. Once it has brought a few requests in a row that are
// the lane's, the lane takes it over and reads requests itself, as long as each has the one
// form that it knows: a POST of HTTP/1.1 to a path of plain characters, with each field once, and
// a short body of known length. Any other request is given back to the server together with
// the connection, with all its bytes, and is answered there as if the lane did not exist.
//
// One thing is different from net/http: that a client hangs up while it is being answered is
// not noticed, so that what it asked for is done all the same.
package express

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// enough is how many requests of the lane a connection brings in a row before it is taken
// over. Taking over and giving back cost more than some requests save.
const enough = 8

// Handler answers a request and keeps nothing of it, nor of its body. It answers with a status that has a body.
type Handler = func(w http.ResponseWriter, r *http.Request)

// Lane is for the requests of one server. Find tells which they are.
type Lane struct {
	// Find gives what answers a request, or nil where it is not one of the lane's. It looks at the
	// request, but not at its body.
	Find func(r *http.Request) Handler

	driving sync.WaitGroup
}

// memory is what is known of a connection.
type memory struct {
	conn *net.TCPConn
	// inRow is how many requests of the lane it brought without another one between them.
	inRow int
}

type memoryKey struct{}

// ConnContext is for http.Server, whose connections the lane does not take without it.
func (*Lane) ConnContext(ctx context.Context, c net.Conn) context.Context {
	switch c := c.(type) {
	case *net.TCPConn:
		return context.WithValue(ctx, memoryKey{}, &memory{conn: c})
	case *returned:
		return context.WithValue(ctx, memoryKey{}, c.memory)
	}
	return ctx
}

// Handle answers a request if it is one of the lane's, and tells whether it was. It may go
// on with the connection's next requests before it returns.
func (l *Lane) Handle(w http.ResponseWriter, r *http.Request) bool {
	answer := l.Find(r)
	m, _ := r.Context().Value(memoryKey{}).(*memory)
	switch {
	case answer == nil:
		if m != nil {
			m.inRow = 0
		}
		return false
	case m == nil || !ordinary(r):
	case m.inRow < enough:
		m.inRow++
	default:
		var taken bool
		if r, taken = l.take(w, r, m, answer); taken {
			return true
		}
	}
	answer(w, r)
	return true
}

// ordinary tells whether a connection can be taken over with a request.
func ordinary(r *http.Request) bool {
	return r.ProtoMajor == 1 && r.ProtoMinor == 1 && r.TLS == nil && !r.Close && r.ContentLength >= 0 && r.ContentLength <= maxBody
}

// take takes a connection over and drives it to its end, or until it is given back. Where
// that can't be, it gives the request with its body read.
func (l *Lane) take(w http.ResponseWriter, r *http.Request, m *memory, answer Handler) (*http.Request, bool) {
	server, ok := r.Context().Value(http.ServerContextKey).(*http.Server)
	if !ok || server.WriteTimeout > 0 { // which nobody here keeps to
		return r, false
	}
	// Whoever reads the end of a body after the connection was taken over wakes net/http's own reader.
	raw, err := io.ReadAll(r.Body)
	whole := *r
	whole.Body = &body{raw, cmp.Or(err, io.EOF)}
	if err != nil {
		return &whole, false
	}
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return &whole, false
	}
	d := newDriver(r.Context(), server, m)
	unread, _ := buffered.Reader.Peek(buffered.Reader.Buffered())
	d.buffer = append(d.buffer, unread...)
	if back, ok := conn.(*returned); ok {
		d.buffer = append(d.buffer, back.unread...)
	}
	l.driving.Add(1)
	defer l.driving.Done()
	l.drive(d, &whole, answer) // here, since the context ends with this goroutine's work
	return nil, true
}

// Wait returns when no connection is driven any more. Those that are taken over end when
// the context of the server's connections does. To be called once the server is shut down.
func (l *Lane) Wait(ctx context.Context) error {
	done := make(chan struct{})
	go func() { l.driving.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// drive answers one request after another.
func (l *Lane) drive(d *driver, r *http.Request, answer Handler) {
	defer d.end()
	for answer != nil {
		d.answer.begin()
		answer(&d.answer, r)
		over := !d.once && d.ctx.Err() != nil
		if _, err := d.memory.conn.Write(d.answer.whole(over)); err != nil || over || d.answer.closes {
			return
		}
		if d.once {
			break
		}
		if err := d.next(); err != nil {
			if errors.Is(err, errOdd) {
				d.giveBack()
			}
			return
		}
		r = &d.request.Request
		answer = l.Find(r)
	}
	d.giveBack()
}

// driver is a connection that is taken over.
type driver struct {
	ctx    context.Context // the connection's, as net/http keeps it
	server *http.Server
	memory *memory
	// once tells that the connection goes back after one answer: its context ended before it was taken over,
	// maybe because the client sends no more, and so can't tell when the server stops.
	once bool
	stop func() bool
	back bool

	buffer []byte    // what was read and not yet used
	used   int       // how much of it is the request that is being answered
	renew  time.Time // when the deadline for an idle connection is set again
	hasty  bool      // the deadline is that of a request that has begun

	request request
	answer  answer
}

func newDriver(ctx context.Context, server *http.Server, m *memory) *driver {
	d := &driver{ctx: ctx, server: server, memory: m, buffer: make([]byte, 0, 4096), once: ctx.Err() != nil, stop: func() bool { return false }}
	d.answer.header = http.Header{}
	if d.once {
		return d
	}
	d.request.open(ctx, m.conn.RemoteAddr().String())
	d.stop = context.AfterFunc(ctx, func() { _ = m.conn.SetReadDeadline(time.Unix(1, 0)) })
	return d
}

// end closes the connection, unless it is the server's again.
func (d *driver) end() {
	d.stop()
	if !d.back {
		_ = d.memory.conn.Close()
	}
}

// next reads the next request.
func (d *driver) next() error {
	d.buffer = append(d.buffer[:0], d.buffer[d.used:]...)
	for begun := false; ; {
		var err error
		if d.used, err = d.request.parse(d.buffer); d.used > 0 || err != nil {
			return err
		}
		switch {
		case len(d.buffer) == 0:
			d.boundIdle()
		case !begun:
			begun, d.hasty = true, true
			d.bound(cmp.Or(d.server.ReadHeaderTimeout, d.server.ReadTimeout))
		}
		if err := d.ctx.Err(); err != nil { // which may have been before the deadline was set
			return err
		}
		if len(d.buffer) == cap(d.buffer) {
			d.buffer = append(d.buffer, 0)[:len(d.buffer)]
		}
		n, err := d.memory.conn.Read(d.buffer[len(d.buffer):cap(d.buffer)])
		d.buffer = d.buffer[:len(d.buffer)+n]
		if err != nil && len(d.buffer) > 0 && d.ctx.Err() == nil {
			return errOdd // net/http knows what to say of it
		}
		if err != nil {
			return err
		}
	}
}

// boundIdle bounds how long the next request may take to begin. A deadline costs a lock
// and a timer: it is set again once an eighth of it is over.
func (d *driver) boundIdle() {
	most := cmp.Or(d.server.IdleTimeout, d.server.ReadTimeout)
	if now := time.Now(); d.hasty || most > 0 && now.After(d.renew) {
		d.hasty, d.renew = false, now.Add(most/8)
		d.bound(most + most/8)
	}
}

// bound sets a deadline for what is read, or none.
func (d *driver) bound(most time.Duration) {
	at := time.Time{}
	if most > 0 {
		at = time.Now().Add(most)
	}
	_ = d.memory.conn.SetReadDeadline(at)
}

// giveBack has the server go on with the connection, from the request that was read last.
func (d *driver) giveBack() {
	d.stop()
	conn := d.memory.conn
	_ = conn.SetReadDeadline(time.Time{})
	d.memory.inRow = 0
	unread := d.buffer
	for skip := 0; skip < 4 && (bytes.HasPrefix(unread, []byte("\r")) || bytes.HasPrefix(unread, []byte("\n"))); skip++ {
		unread = unread[1:] // as net/http does behind a POST, which it has not seen here
	}
	l := &single{conn: &returned{TCPConn: conn, memory: d.memory, unread: unread}}
	_ = d.server.Serve(l) // ends at once, for want of a second connection or because the server is shut down
	d.back = l.conn == nil
}

// returned is a connection that was given back.
type returned struct {
	*net.TCPConn

	memory *memory
	unread []byte
}

// Read gives what the lane has read and not used, and then what the connection has.
func (c *returned) Read(b []byte) (int, error) {
	if len(c.unread) == 0 {
		return c.TCPConn.Read(b)
	}
	n := copy(b, c.unread)
	c.unread = c.unread[n:]
	return n, nil
}

// single listens for the one connection that it has.
type single struct{ conn net.Conn }

var errNoMore = errors.New("express: there is one connection only")

func (l *single) Accept() (net.Conn, error) {
	c := l.conn
	l.conn = nil
	if c == nil {
		return nil, errNoMore
	}
	return c, nil
}

func (l *single) Close() error   { return nil }
func (l *single) Addr() net.Addr { return &net.TCPAddr{} }
