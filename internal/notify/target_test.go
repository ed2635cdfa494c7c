package notify

import (
	"encoding/binary"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"context"

	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/token"
)

// The example that Standard Webhooks publishes.
func TestSignatureOfTheStandard(t *testing.T) {
	t.Parallel()
	got := sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// addresses that may not be called, and some that may.
var addresses = map[string]bool{
	"1.1.1.1": true, "8.8.8.8": true, "172.15.255.255": true, "172.32.0.0": true, "100.63.255.255": true, "100.128.0.0": true, "223.255.255.254": true,
	"2606:4700:4700::1111": true, "2a00:1450:4001::1": true, "::ffff:8.8.8.8": true, "64:ff9b::808:808": true,
	"127.0.0.1": false, "127.255.255.254": false, "10.0.0.1": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false,
	"169.254.169.254": false, "0.0.0.0": false, "0.1.2.3": false, "100.64.0.1": false, "100.127.255.255": false, "192.0.0.8": false, "192.0.2.1": false,
	"198.18.0.1": false, "198.51.100.1": false, "203.0.113.9": false, "224.0.0.1": false, "239.255.255.250": false, "240.0.0.1": false, "255.255.255.255": false,
	"::1": false, "::": false, "fd00::1": false, "fc00::1": false, "fe80::1": false, "fe80::1%lo": false, "fec0::1": false, "ff02::1": false,
	"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:169.254.169.254": false, "::127.0.0.1": false, "::ffff:0:7f00:1": false,
	"64:ff9b::7f00:1": false, "64:ff9b::a00:1": false, "64:ff9b::a9fe:a9fe": false, "64:ff9b:1::1": false, "2001::1": false, "2001:db8::1": false,
	"2002:7f00:1::": false, "2002:a00:1::1": false, "100::1": false, "3fff::1": false, "4000::1": false,
}

func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	for text, want := range addresses {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %t, want %t", text, got, want)
		}
	}
}

// names is a name server whose answers the test changes.
type names struct {
	mu    sync.Mutex
	known map[string][]netip.Addr
}

func (n *names) set(name string, addrs ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.known[name] = nil
	for _, a := range addrs {
		n.known[name] = append(n.known[name], netip.MustParseAddr(a))
	}
}

// serveNames starts a name server and gives a resolver that asks it.
func serveNames(t *testing.T) (*names, *net.Resolver) {
	t.Helper()
	n := &names{known: map[string][]netip.Addr{}}
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		buffer := make([]byte, 1500)
		for {
			size, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			_, _ = conn.WriteTo(n.answer(buffer[:size]), from)
		}
	}()
	return n, &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// answer answers the only question of a message (RFC 1035).
func (n *names) answer(question []byte) []byte {
	at, labels := 12, []string{}
	for question[at] != 0 {
		labels = append(labels, string(question[at+1:at+1+int(question[at])]))
		at += 1 + int(question[at])
	}
	kind := binary.BigEndian.Uint16(question[at+1:])
	reply := append([]byte{}, question[:at+5]...)
	reply[2], reply[3] = 0x81, 0x80
	copy(reply[4:12], []byte{0, 1, 0, 0, 0, 0, 0, 0})
	n.mu.Lock()
	defer n.mu.Unlock()
	addrs, known := n.known[strings.Join(labels, ".")]
	if !known {
		reply[3] |= 3 // there is no such name
	}
	for _, a := range addrs {
		raw := a.AsSlice()
		if want := map[int]uint16{4: 1, 16: 28}[len(raw)]; want != kind {
			continue
		}
		reply[7]++
		reply = append(reply, 0xc0, 12)
		reply = binary.BigEndian.AppendUint16(reply, kind)
		reply = append(reply, 0, 1, 0, 0, 0, 0)
		reply = binary.BigEndian.AppendUint16(reply, uint16(len(raw)))
		reply = append(reply, raw...)
	}
	return reply
}

// Names that mean addresses which may not be called are refused when an endpoint is made,
// and again whenever a connection is: nothing is sent there.
func TestNamesOfPrivateAddressesAreRefused(t *testing.T) {
	t.Parallel()
	dns, resolver := serveNames(t)
	h := open(t, storetest.SQLite(t), Config{Resolver: resolver})
	for text, allowed := range addresses {
		if strings.Contains(text, "%") {
			continue
		}
		dns.set("host.example", text)
		err := h.CheckTarget(t.Context(), "url", "https://host.example/hook")
		if got := err == nil; got != allowed {
			t.Errorf("a name of %s: %v", text, err)
		}
		if allowed {
			continue
		}
		_, err = h.Client.Get("http://host.example:9/")
		if !errors.Is(err, errPrivate) {
			t.Errorf("connecting to a name of %s: %v", text, err)
		}
	}
	dns.set("both.example", "1.1.1.1", "10.0.0.1")
	if h.CheckTarget(t.Context(), "url", "https://both.example/") == nil {
		t.Error("a name with a private address beside a public one passes")
	}
}

// A name that is public when the endpoint is made, and private when it is called.
func TestNamesThatChangeAreRefused(t *testing.T) {
	t.Parallel()
	dns, resolver := serveNames(t)
	h := open(t, storetest.SQLite(t), Config{Resolver: resolver})
	inside := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the inside was called") }))
	defer inside.Close()
	_, port, _ := net.SplitHostPort(inside.Listener.Addr().String())
	dns.set("rebind.example", "1.1.1.1")
	e, _ := h.endpoint(t, "ada", "https://rebind.example:"+port+"/", PlanChanged)
	dns.set("rebind.example", "127.0.0.1")
	if _, err := h.Try(t.Context(), "ada", e.ID); err != nil {
		t.Fatal(err)
	}
	h.send(t)
	d := h.log(t, e)[0]
	if d.State != Failed || !strings.Contains(d.History[0].Error, "not a public one") {
		t.Errorf("%+v", d)
	}
	dns.set("rebind.example")
	if _, err := h.Try(t.Context(), "ada", e.ID); err != nil {
		t.Fatal(err)
	}
	h.send(t)
	if d := h.log(t, e)[0]; d.History[0].Error != "its name is not known" {
		t.Errorf("%+v", d)
	}
}

func TestAddressesOfEndpoints(t *testing.T) {
	t.Parallel()
	_, resolver := serveNames(t)
	strict := open(t, storetest.SQLite(t), Config{Resolver: resolver})
	lax := open(t, storetest.SQLite(t), Config{Resolver: resolver, Private: true})
	for address, want := range map[string][2]bool{
		"https://1.1.1.1/hook?a=b": {true, true}, "https://[2606:4700:4700::1111]:8443/": {true, true},
		"http://1.1.1.1/": {false, true}, "https://127.0.0.1/": {false, true}, "http://localhost:8080/x": {false, true}, "https://[::1]/": {false, true},
		"https://nowhere.example/": {false, true}, "https://[fe80::1%25lo]/": {false, true}, "https://0x7f000001/": {false, true}, "https://2130706433/": {false, true},
		"ftp://1.1.1.1/": {false, false}, "https:///hook": {false, false}, "https://user:word@1.1.1.1/": {false, false}, "1.1.1.1": {false, false}, "": {false, false},
		"https://1.1.1.1/#part": {false, false}, "https://1.1.1.1/" + strings.Repeat("x", maxURL): {false, false}, "https://1.1.1.1:99999999/\x00": {false, false},
	} {
		for i, h := range []*house{strict, lax} {
			err := h.CheckTarget(t.Context(), "webhook_url", address)
			var invalid *token.Invalid
			if (err == nil) != want[i] || err != nil && (!errors.As(err, &invalid) || invalid.Field != "webhook_url" || invalid.Value != address || invalid.Allowed == "") {
				t.Errorf("%.60s, private %t: %v", address, h.Private, err)
			}
		}
	}
}

// Redirects are not followed, wherever they lead.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	h := open(t, storetest.SQLite(t), Config{Private: true})
	inside, front := receive(t), receive(t)
	front.does(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, inside.URL, http.StatusTemporaryRedirect)
	})
	e, _ := h.endpoint(t, "ada", front.URL, PlanChanged)
	if _, err := h.Try(t.Context(), "ada", e.ID); err != nil {
		t.Fatal(err)
	}
	h.send(t)
	front.one(t)
	if got := inside.take(); len(got) != 0 {
		t.Errorf("%d requests followed the redirect", len(got))
	}
	if d := h.log(t, e)[0]; d.State != Failed || d.History[0].Status != 307 || !strings.Contains(d.History[0].Error, "redirects are not followed") {
		t.Errorf("%+v", d)
	}
}

// The environment's proxy is not asked.
func TestNoProxy(t *testing.T) {
	t.Parallel()
	if p := open(t, storetest.SQLite(t), Config{}).Client.Transport.(*http.Transport).Proxy; p != nil {
		t.Error("the client uses a proxy")
	}
}
