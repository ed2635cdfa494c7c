package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/florin-studio/florin/token"
)

// errPrivate is an address that the operator has not allowed.
var errPrivate = errors.New("its address is not a public one")

// Networks that are not for everybody's use, besides those that netip knows: shared,
// reserved, for documents and measurements, and those that hide another network.
var closed = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

// open6 are all public addresses of version 6 today; nat64 carries those of version 4.
var open6, nat64 = netip.MustParsePrefix("2000::/3"), netip.MustParsePrefix("64:ff9b::/96")

func prefixes(texts ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, t := range texts {
		all = append(all, netip.MustParsePrefix(t))
	}
	return all
}

// public tells whether an address belongs to the open internet.
func public(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	if nat64.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Is6() && !open6.Contains(a) {
		return false
	}
	for _, p := range closed {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// caller makes the client that sends. Every connection is checked when it is made, by
// the address that it goes to: what a name meant when the endpoint was made does not
// count. Redirects are answers like others and not followed. Proxies of the environment
// are not used: behind one, no address could be checked.
func (s *Service) caller() *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second, Resolver: s.Resolver, Control: s.control}
	return &http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: 5 * time.Second, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
			ForceAttemptHTTP2: true, MaxIdleConns: 100, MaxIdleConnsPerHost: 4, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// control refuses connections to addresses that are not allowed, after names were
// resolved and before anything is sent.
func (s *Service) control(network, address string, _ syscall.RawConn) error {
	if s.Private {
		return nil
	}
	to, err := netip.ParseAddrPort(address)
	if err != nil || !strings.HasPrefix(network, "tcp") || !public(to.Addr()) {
		return errPrivate
	}
	return nil
}

// maxURL bounds addresses of endpoints, in bytes.
const maxURL = 2000

// CheckTarget refuses the address of an endpoint that may not be called, naming the
// field that it stands in. Connections are checked again whenever they are made.
func (s *Service) CheckTarget(ctx context.Context, field, address string) error {
	allowed := "an https address without a password or a fragment, whose name is known and belongs to public addresses only"
	if s.Private {
		allowed = "an http or https address without a password or a fragment"
	}
	refused := &token.Invalid{Field: field, Value: address, Allowed: fmt.Sprintf("%s, up to %d bytes", allowed, maxURL)}
	u, err := url.Parse(address)
	if err != nil || len(address) > maxURL || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return refused
	}
	if u.Scheme != "https" && !(s.Private && u.Scheme == "http") {
		return refused
	}
	if s.Private {
		return nil
	}
	// One wording for every reason: what names mean in the operator's network is nobody's business.
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil {
		if !public(addr) {
			return refused
		}
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	addrs, err := s.Resolver.LookupNetIP(ctx, "ip", u.Hostname())
	if err != nil || len(addrs) == 0 {
		return refused
	}
	for _, a := range addrs {
		if !public(a) {
			return refused
		}
	}
	return nil
}
