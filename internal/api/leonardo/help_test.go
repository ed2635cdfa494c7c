package leonardo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/api/leonardo"
	"github.com/florin-studio/florin/internal/api/throttle"
	"github.com/florin-studio/florin/internal/blob"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/builtin"
	"github.com/florin-studio/florin/internal/engine/retouch"
	"github.com/florin-studio/florin/internal/engine/texture"
	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/sqlstore"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

// able is the built-in engine, which also takes what only model files make possible.
type able struct{ *builtin.Engine }

func (a able) Describe() engine.Description {
	d := a.Engine.Describe()
	d.Operations = append(slices.Clone(d.Operations), engine.Upscale, engine.AlchemyUpscale, engine.RemoveBackground)
	d.Missing = nil
	return d
}

// house is the compatible API with all that it stands on. Jobs wait until run.
type house struct {
	*httptest.Server
	people *identity.Service
	studio *studio.Studio
	ahead  atomic.Int64 // of the clock, in nanoseconds
}

func (h *house) now() time.Time { return time.Now().Add(time.Duration(h.ahead.Load())) }

// open makes a house over a database; change may adjust what the API is made with.
func open(t testing.TB, url string, change func(*leonardo.Config)) *house {
	t.Helper()
	text := strings.Replace(string(catalog.DefaultYAML()), "blocked_words: []", "blocked_words: [gore]", 1)
	prices, err := catalog.Load("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	files, err := blob.OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{}
	db := storetest.Open(t, url)
	l := ledger.New(sqlstore.New(db), prices.Rules, ledger.Options{})
	t.Cleanup(func() { _ = l.Close(context.Background()) })
	h.people = &identity.Service{DB: db, Ledger: l, Now: h.now, Cost: identity.Cost{MemoryKiB: 64, Passes: 1}}
	h.studio = studio.New(studio.Config{
		DB: db, Ledger: l, Catalog: func() *catalog.Catalog { return prices }, Files: files, Secret: []byte("secret"), Now: h.now,
		Engines: []engine.Engine{able{builtin.New(retouch.New(builtin.New().Run), texture.New())}},
	})
	c := leonardo.Config{Studio: h.studio, Identity: h.people, Secret: []byte("secret"), Now: h.now}
	if change != nil {
		change(&c)
	}
	h.Server = httptest.NewServer(leonardo.New(c))
	t.Cleanup(h.Close)
	return h
}

// each runs a test on both databases.
func each(t *testing.T, run func(t *testing.T, h *house)) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) { run(t, open(t, url, nil)) })
}

// run has the engines work until the test ends.
func (h *house) run(t testing.TB) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.studio.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// person is somebody with a key.
type person struct {
	identity.Person
	h   *house
	key string
}

func (h *house) person(t testing.TB, name, plan string) *person {
	t.Helper()
	p, err := h.people.Create(context.Background(), identity.NewPerson{Name: name, Email: name + "@example.org", Password: "correct horse", Plan: plan})
	if err != nil {
		t.Fatal(err)
	}
	made := &person{Person: p, h: h}
	made.key = made.newKey(t, identity.NewKey{})
	return made
}

func (p *person) newKey(t testing.TB, n identity.NewKey) string {
	t.Helper()
	_, secret, err := p.h.people.CreateKey(context.Background(), p.Person, n)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// with is the same person with another key.
func (p *person) with(key string) *person { return &person{p.Person, p.h, key} }

// balance is what the person may spend.
func (p *person) balance(t testing.TB) int64 {
	t.Helper()
	a, err := p.h.studio.Ledger.Account(context.Background(), p.Account, calendar.At(p.h.now()))
	if err != nil {
		t.Fatal(err)
	}
	return p.h.studio.Catalog().Rules().Summary(a).Balance
}

// spend takes tokens of the person's away.
func (p *person) spend(t testing.TB, tokens int64) {
	t.Helper()
	_, err := p.h.studio.Ledger.Submit(context.Background(), ledger.Request{Account: p.Account, Request: token.Request{
		Key: "spent", At: calendar.At(p.h.now()), Command: token.Charge{ID: "spent", Tokens: tokens, FastOnly: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// answer is what the API said.
type answer struct {
	status int
	header http.Header
	raw    []byte
	body   map[string]any
}

// refusal is the body of an error.
func (a answer) refusal() (text, code, path string) {
	text, _ = a.body["error"].(string)
	code, _ = a.body["code"].(string)
	path, _ = a.body["path"].(string)
	return text, code, path
}

// at walks into the body.
func (a answer) at(names ...string) any {
	var v any = a.body
	for _, name := range names {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

const base = "/api/rest/v1"

func (p *person) ask(t testing.TB, method, path, body string, headers ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, p.h.URL+base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if p.key != "" {
		r.Header.Set("Authorization", "Bearer "+p.key)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return p.h.send(t, r)
}

func (h *house) send(t testing.TB, r *http.Request) answer {
	t.Helper()
	got, err := h.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: got.StatusCode, header: got.Header, raw: raw}
	_ = json.Unmarshal(raw, &a.body)
	return a
}

// want asks and ends the test unless the answer is a success.
func (p *person) want(t testing.TB, method, path, body string) answer {
	t.Helper()
	a := p.ask(t, method, path, body)
	if a.status != http.StatusOK || a.body == nil || a.header.Get("Content-Type") != "application/json" {
		t.Fatalf("%s %s %.200s: %d %s", method, path, body, a.status, a.raw)
	}
	return a
}

// text is a text in a body.
func text(t testing.TB, a answer, names ...string) string {
	t.Helper()
	s, ok := a.at(names...).(string)
	if !ok {
		t.Fatalf("no text %v in %s", names, a.raw)
	}
	return s
}

// number is a whole number in a body.
func number(t testing.TB, a answer, names ...string) int64 {
	t.Helper()
	n, ok := a.at(names...).(float64)
	if !ok || n != float64(int64(n)) {
		t.Fatalf("no whole number %v in %s", names, a.raw)
	}
	return int64(n)
}

// photo is a picture with a few colours, as PNG.
func photo(t testing.TB, side int) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			img.SetNRGBA(x, y, color.NRGBA{uint8(x * 3), uint8(y * 5), uint8(x + y), 255})
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// form sends the second step of an upload, as clients do: no key, the fields, then the file.
func (h *house) form(t testing.TB, address, fields string, file []byte, change map[string]string) answer {
	t.Helper()
	values := map[string]string{}
	if err := json.Unmarshal([]byte(fields), &values); err != nil {
		t.Fatalf("fields %q: %v", fields, err)
	}
	for name, value := range change {
		values[name] = value
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range values {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	if file != nil {
		part, err := w.CreateFormFile("file", "picture.png")
		if err == nil {
			_, err = part.Write(file)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(context.Background(), "POST", address, &body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	return h.send(t, r)
}

// upload gives a picture and tells its id.
func (p *person) upload(t testing.TB, file []byte) string {
	t.Helper()
	a := p.want(t, "POST", "/init-image", `{"extension":"png"}`)
	if got := p.h.form(t, text(t, a, "uploadInitImage", "url"), text(t, a, "uploadInitImage", "fields"), file, nil); got.status != http.StatusNoContent {
		t.Fatalf("upload: %d %s", got.status, got.raw)
	}
	return text(t, a, "uploadInitImage", "id")
}

// slow is an installation where everybody may ask three times a minute.
func slow(c *leonardo.Config) { c.Rates = &throttle.Rates{PerMinute: 3} }
