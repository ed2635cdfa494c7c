package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
)

// client asks one server, as one person if it has a key.
type client struct{ base, key string }

// reply is an answer with its body read.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// do asks for an address: a path of the server, or a whole URL. Headers come in pairs.
func (c client) do(t *testing.T, method, address, body string, headers ...string) reply {
	t.Helper()
	if strings.HasPrefix(address, "/") {
		address = c.base + address
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if c.key != "" {
		r.Header.Set("Authorization", "Bearer "+c.key)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header, raw}
}

// want ends the test unless the answer has the status, and decodes it.
func (r reply) want(t *testing.T, status int, into any) {
	t.Helper()
	if r.status != status {
		t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	if into != nil {
		if err := json.Unmarshal(r.body, into); err != nil {
			t.Fatalf("%v in %s", err, r.body)
		}
	}
}

// job is what the own API tells of one.
type job struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Images   int    `json:"images"`
	Price    int64  `json:"price"`
	Settled  int64  `json:"settled"`
	Progress int64  `json:"progress"`
	Reason   string `json:"reason"`
	Pictures []struct {
		ID    string `json:"id"`
		URL   string `json:"url"`
		Index int    `json:"index"`
		Width int    `json:"width"`
	} `json:"pictures"`
}

func (j job) final() bool { return j.Status != "queued" && j.Status != "running" }

// submit queues a job.
func (c client) submit(t *testing.T, body string) job {
	t.Helper()
	var j job
	c.do(t, "POST", "/api/v1/jobs", body).want(t, http.StatusCreated, &j)
	return j
}

// follow reads the event stream from its beginning until an event of the job satisfies
// until. A stream that ends first gives false: the server has gone.
func (c client) follow(t *testing.T, id string, until func(job) bool) (last job, ok bool) {
	t.Helper()
	last, _, ok = c.resume(t, "0", id, until)
	return last, ok
}

// resume is follow from a Last-Event-ID on; it also gives the id of the last event.
func (c client) resume(t *testing.T, since, id string, until func(job) bool) (last job, event string, ok bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", c.base+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.key)
	r.Header.Set("Last-Event-ID", since) // 0 tells everything that was before
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if id, is := strings.CutPrefix(lines.Text(), "id: "); is {
			event = id
		}
		data, is := strings.CutPrefix(lines.Text(), "data: ")
		var j job
		if !is || json.Unmarshal([]byte(data), &j) != nil || j.ID != id {
			continue
		}
		if last = j; until(j) {
			return last, event, true
		}
	}
	if ctx.Err() != nil {
		t.Fatalf("the job did not get there in %v; it is %+v", patience, last)
	}
	return last, event, false
}

// end waits until a job is final.
func (c client) end(t *testing.T, id string) job {
	t.Helper()
	j, ok := c.follow(t, id, job.final)
	if !ok {
		t.Fatalf("the event stream ended before the job, which is %+v", j)
	}
	return j
}

// picture fetches a PNG and checks that something is on it.
func (c client) picture(t *testing.T, address string) {
	t.Helper()
	r := c.do(t, "GET", address, "")
	r.want(t, http.StatusOK, nil)
	img, err := png.Decode(bytes.NewReader(r.body))
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	colours := map[[3]uint32]bool{}
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y += 2 {
		for x := b.Min.X; x < b.Max.X; x += 2 {
			r, g, b, _ := img.At(x, y).RGBA()
			colours[[3]uint32{r >> 8, g >> 8, b >> 8}] = true
		}
	}
	if len(colours) < 50 {
		t.Errorf("%s: a picture of %v has only %d colours", address, b, len(colours))
	}
}
