package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	florinclient "github.com/florin-studio/florin/client"
)

// call is a request that a webhook sent.
type call struct {
	path   string
	header http.Header
	body   []byte
}

// calls starts a receiver of webhooks, which answers with a status for each path.
func calls(t *testing.T, status map[string]int) (*httptest.Server, chan call) {
	t.Helper()
	came := make(chan call, 100)
	r := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if s := status[r.URL.Path]; s != 0 {
			w.WriteHeader(s)
		}
		came <- call{r.URL.Path, r.Header.Clone(), body}
	}))
	t.Cleanup(r.Close)
	return r, came
}

// next waits for a call.
func next(t *testing.T, came chan call) call {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case c := <-came:
		return c
	case <-limit.C:
		t.Fatal("no webhook came")
		return call{}
	}
}

// TestWebhooks has a real server tell of real pictures: signed events to the endpoints
// that asked, and the compatible callback of the key that made them.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	receiver, came := calls(t, map[string]int{"/gone": http.StatusGone})
	s := serve(t, t.TempDir(), "--webhook-private")
	p := s.newPerson(t, "hooks@example.org", "free")
	var hook struct{ ID, Secret string }
	p.do(t, "POST", "/api/v1/webhooks", `{"url":"`+receiver.URL+`/events","events":["generation.complete","balance.below"],"balance_below":149}`).want(t, http.StatusCreated, &hook)
	var key struct{ Key string }
	p.do(t, "POST", "/api/v1/keys", `{"name":"shop","webhook_url":"`+receiver.URL+`/callback","webhook_secret":"s3cret"}`).want(t, http.StatusCreated, &key)
	if listed := p.do(t, "GET", "/api/v1/keys", ""); strings.Contains(string(listed.body), "s3cret") {
		t.Errorf("the list of keys tells the secret: %s", listed.body)
	}
	shop := client{base: s.URL, key: key.Key}
	var made struct {
		Job struct {
			ID string `json:"generationId"`
		} `json:"sdGenerationJob"`
	}
	shop.do(t, "POST", "/api/rest/v1/generations", `{"prompt":"a lake","num_images":2,"width":160,"height":160}`).want(t, http.StatusOK, &made)
	got := map[string]call{}
	for range 3 {
		c := next(t, came)
		var kind struct{ Type string }
		_ = json.Unmarshal(c.body, &kind)
		got[kind.Type] = c
	}
	for _, kind := range []string{"generation.complete", "balance.below"} {
		c := got[kind]
		e, err := florinclient.VerifyWebhook(c.header, c.body, hook.Secret, time.Now())
		if err != nil || c.path != "/events" || e.Type != kind {
			t.Errorf("%s: %+v %v", kind, e, err)
		}
	}
	var done struct {
		Data struct {
			Job      string
			Pictures []string
		}
	}
	if _ = json.Unmarshal(got["generation.complete"].body, &done); done.Data.Job != made.Job.ID || len(done.Data.Pictures) != 2 {
		t.Errorf("%s", got["generation.complete"].body)
	}
	back := got["image_generation.complete"]
	var callback struct {
		Data struct {
			Object struct {
				ID, Status string
				Images     []struct{ URL string }
			}
		}
	}
	if _ = json.Unmarshal(back.body, &callback); back.path != "/callback" || back.header.Get("Authorization") != "Bearer s3cret" || callback.Data.Object.ID != made.Job.ID || callback.Data.Object.Status != "COMPLETE" {
		t.Errorf("%s %v %s", back.path, back.header, back.body)
	}
	if strings.Contains(string(back.body), "s3cret") || strings.Contains(string(back.body), key.Key) {
		t.Errorf("the callback tells a secret: %s", back.body)
	}
	for _, image := range callback.Data.Object.Images { // the addresses need no key
		if r := (client{}).do(t, "GET", image.URL, ""); r.status != http.StatusOK || r.header.Get("Content-Type") != "image/png" {
			t.Errorf("%s: %d", image.URL, r.status)
		}
	}

	// What an endpoint answers 410 to is the last that it is told; its owner sees why.
	var gone struct{ ID string }
	p.do(t, "POST", "/api/v1/webhooks", `{"url":"`+receiver.URL+`/gone","events":["generation.complete"]}`).want(t, http.StatusCreated, &gone)
	p.submit(t, `{"pipeline":"default","prompt":"a lake","width":160,"height":160}`)
	for range 2 {
		next(t, came)
	}
	var state struct {
		Disabled string `json:"disabled_at"`
		Reason   string
	}
	p.until(t, "/api/v1/webhooks/"+gone.ID, &state, func() bool { return state.Disabled != "" })
	if !strings.Contains(state.Reason, "410 Gone") {
		t.Errorf("%+v", state)
	}
	var me struct{ Notices []struct{ Code, Text string } }
	p.do(t, "GET", "/api/v1/me", "").want(t, http.StatusOK, &me)
	if len(me.Notices) != 1 || me.Notices[0].Code != "webhook_disabled" || !strings.Contains(me.Notices[0].Text, "410 Gone") {
		t.Errorf("%+v", me)
	}
	if code := s.stop(t, syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d:\n%s", code, s.log())
	}
	s.verify(t)
}

// TestWebhooksStayOutside starts a server as it is by default: nothing private is called.
func TestWebhooksStayOutside(t *testing.T) {
	t.Parallel()
	receiver, came := calls(t, nil)
	s := serve(t, t.TempDir())
	p := s.newPerson(t, "outside@example.org", "free")
	for _, body := range []string{
		`{"url":"` + receiver.URL + `","events":["plan.changed"]}`, `{"url":"https://localhost/","events":["plan.changed"]}`, `{"url":"https://169.254.169.254/latest","events":["plan.changed"]}`,
	} {
		var problem struct {
			Code   string
			Errors []struct{ Location, Message, Value string }
		}
		p.do(t, "POST", "/api/v1/webhooks", body).want(t, http.StatusUnprocessableEntity, &problem)
		if problem.Code != "bad_request" || len(problem.Errors) != 1 || problem.Errors[0].Location != "body.url" || !strings.Contains(problem.Errors[0].Message, "https address") {
			t.Errorf("%s: %+v", body, problem)
		}
	}
	p.do(t, "POST", "/api/v1/keys", `{"webhook_url":"`+receiver.URL+`"}`).want(t, http.StatusUnprocessableEntity, nil)
	// The command line believes its operator; nothing is sent all the same.
	for address, why := range map[string]string{receiver.URL: "only https addresses", strings.Replace(receiver.URL, "http:", "https:", 1): "not a public one"} {
		made := must(t, "key", "create", "--data", s.Data, "--user", p.email, "--webhook-url", address, "--json")
		var key struct{ ID, Key string }
		if err := json.Unmarshal([]byte(made), &key); err != nil {
			t.Fatal(err)
		}
		j := client{base: s.URL, key: key.Key}.submit(t, `{"pipeline":"default","prompt":"a lake","width":160,"height":160}`)
		p.end(t, j.ID)
		var log struct {
			Deliveries []struct {
				State   string
				History []struct{ Error string }
			}
		}
		p.until(t, "/api/v1/webhooks/"+key.ID+"/deliveries", &log, func() bool { return len(log.Deliveries) == 1 && len(log.Deliveries[0].History) > 0 })
		if d := log.Deliveries[0]; d.State != "pending" || !strings.Contains(d.History[0].Error, why) {
			t.Errorf("%s: %+v", address, d)
		}
	}
	if len(came) != 0 {
		t.Error("a private address was called")
	}
}

// until asks again and again until the answer is as wanted.
func (c client) until(t *testing.T, path string, into any, right func() bool) {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for again := time.NewTicker(50 * time.Millisecond); ; {
		c.do(t, "GET", path, "").want(t, http.StatusOK, into)
		if right() {
			again.Stop()
			return
		}
		select {
		case <-again.C:
		case <-limit.C:
			t.Fatalf("%s stays as it is", path)
		}
	}
}
