package leonardo

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token/calendar"
)

// filePath is where files can be fetched without a key, by who was given their address.
const filePath = "/api/rest/files/"

// fileLife is how long such an address is good. Asking again gives a new one.
const fileLife = 30 * 24 * time.Hour

// signature vouches for some words until an instant.
func (s *server) signature(until calendar.Instant, words ...string) string {
	mac := hmac.New(sha256.New, s.Secret)
	_, _ = io.WriteString(mac, "leonardo\n"+strconv.FormatInt(int64(until), 10))
	for _, word := range words {
		_, _ = io.WriteString(mac, "\n"+strconv.Quote(word))
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// signed tells whether a signature is good and its time not over.
func (s *server) signed(given, until string, words ...string) bool {
	n, err := strconv.ParseInt(until, 10, 64)
	return err == nil && calendar.Instant(n) > calendar.At(s.Now()) && hmac.Equal([]byte(given), []byte(s.signature(calendar.Instant(n), words...)))
}

// address is where a file can be fetched: "pictures/ID.png", "uploads/ID.png" or "extras/ID/N".
func (s *server) address(r *http.Request, account, name string) string {
	// The time is rounded, so that asking twice mostly gives the same address and caches work.
	day := calendar.Instant(24 * time.Hour.Milliseconds())
	until := (calendar.At(s.Now())/day + calendar.Instant(fileLife.Hours()/24) + 1) * day
	q := url.Values{"account": {account}, "until": {strconv.FormatInt(int64(until), 10)}, "signature": {s.signature(until, account, name)}}
	return s.base(r) + filePath + name + "?" + q.Encode()
}

func (s *server) pictureURL(r *http.Request, p *studio.Picture) string {
	return s.address(r, p.Account, "pictures/"+p.ID+".png")
}

// file serves a signed address.
func (s *server) file(w http.ResponseWriter, r *http.Request) {
	name, q := r.PathValue("rest"), r.URL.Query()
	account := q.Get("account")
	if !s.signed(q.Get("signature"), q.Get("until"), account, name) {
		fail(w, http.StatusForbidden, "access-denied", "$", "this address is not signed, or its time is over")
		return
	}
	f, media, at, err := s.open(r, account, name)
	if err != nil {
		fail(w, http.StatusNotFound, "not-found", "$", "there is no such file any more")
		return
	}
	defer func() { _ = f.Close() }()
	w.Header().Set("Content-Type", media)
	w.Header().Set("Cache-Control", "private, max-age=86400, immutable")
	http.ServeContent(w, r, "", at.Time(), f)
}

// open finds the file of a name that was signed.
func (s *server) open(r *http.Request, account, name string) (*os.File, string, calendar.Instant, error) {
	kind, rest, _ := strings.Cut(name, "/")
	switch kind {
	case "pictures":
		f, p, err := s.Studio.File(r.Context(), account, strings.TrimSuffix(rest, ".png"), false)
		return f, "image/png", p.Created, err
	case "extras":
		id, which, _ := strings.Cut(rest, "/")
		f, extra, p, err := s.Studio.ExtraFile(r.Context(), account, id, which)
		return f, extra.Type, p.Created, err
	}
	id, _, _ := strings.Cut(rest, ".")
	f, u, err := s.Studio.UploadFile(r.Context(), account, id, false)
	media := "application/octet-stream"
	if u.Kind != studio.MeshUpload {
		media = "image/" + u.Ext
	}
	return f, media, u.Created, err
}
