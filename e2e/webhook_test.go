package e2e

import (
	"encoding/json"
	"fmt"
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
	oneLine(t, "a key's private address", command(t, "key", "create", "--data", s.Data, "--user", p.email, "--webhook-url", receiver.URL), "webhook_url", receiver.URL, "allowed: an https address")
	// The command line believes an operator who says so; nothing is sent all the same.
	for address, why := range map[string]string{receiver.URL: "only https addresses", strings.Replace(receiver.URL, "http:", "https:", 1): "not a public one"} {
		made := must(t, "key", "create", "--data", s.Data, "--user", p.email, "--webhook-url", address, "--webhook-private", "--json")
		var key struct{ ID, Key string }
		if err := json.Unmarshal([]byte(made), &key); err != nil {
			t.Fatal(err)
		}
		if listed := must(t, "key", "list", "--data", s.Data, "--user", p.email); !strings.Contains(listed, "tells "+address) {
			t.Errorf("the list of keys does not say who is told:\n%s", listed)
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

// TestWebhookCommands does on the command line, beside a running server, what the API does.
func TestWebhookCommands(t *testing.T) {
	t.Parallel()
	receiver, came := calls(t, map[string]int{"/broken": http.StatusTeapot})
	s := serve(t, t.TempDir(), "--webhook-private")
	p := s.newPerson(t, "operator@example.org", "free")
	run := func(args ...string) result {
		all := append([]string{"webhook", args[0], "--data", s.Data, "--user", p.email}, args[1:]...)
		if args[0] == "create" || args[0] == "update" {
			all = append(all, "--webhook-private")
		}
		return command(t, all...)
	}
	do := func(into any, args ...string) {
		t.Helper()
		r := run(append(args, "--json")...)
		if r.code != 0 {
			t.Fatalf("%v: exit code %d\n%s", args, r.code, r.err)
		}
		if into != nil {
			if err := json.Unmarshal([]byte(r.out), into); err != nil {
				t.Fatalf("%v: %v in %s", args, err, r.out)
			}
		}
	}
	var hook struct{ ID, Secret, URL string }
	do(&hook, "create", "--url", receiver.URL+"/events", "--events", "generation.complete,balance.below", "--balance-below", "5", "--name", "shop")
	type webhook struct {
		ID, Name, URL, Secret string
		Events                []string
		Below                 int64  `json:"balance_below"`
		Disabled              string `json:"disabled_at"`
	}
	var listed, shown webhook
	do(&listed, "list")
	p.do(t, "GET", "/api/v1/webhooks/"+hook.ID, "").want(t, http.StatusOK, &shown)
	if a, b := fmt.Sprint(listed), fmt.Sprint(shown); a != b || listed.Below != 5 || len(listed.Events) != 2 || !strings.Contains(listed.Secret, "•") {
		t.Errorf("the command line tells %s, the API %s", a, b)
	}

	var sent struct {
		ID, State string
		Attempts  int
		History   []struct{ Status int }
	}
	do(&sent, "test", hook.ID)
	if c := next(t, came); sent.State != "delivered" || len(sent.History) != 1 || sent.History[0].Status != 200 {
		t.Errorf("%+v", sent)
	} else if e, err := florinclient.VerifyWebhook(c.header, c.body, hook.Secret, time.Now()); err != nil || e.ID != sent.ID || e.Type != "webhook.test" {
		t.Errorf("%+v %v", e, err)
	}
	var fresh struct{ Secret string }
	do(&fresh, "rotate", hook.ID)
	p.end(t, p.submit(t, `{"pipeline":"default","prompt":"a lake","width":160,"height":160}`).ID)
	first := next(t, came)
	for _, secret := range []string{hook.Secret, fresh.Secret} {
		if e, err := florinclient.VerifyWebhook(first.header, first.body, secret, time.Now()); err != nil || e.Type != "generation.complete" {
			t.Errorf("%+v %v", e, err)
		}
	}
	id := first.header.Get("webhook-id")
	delivered := func() bool {
		do(&sent, "deliveries", hook.ID, "--limit", "1")
		return sent.ID == id && sent.State == "delivered"
	}
	log := "/api/v1/webhooks/" + hook.ID + "/deliveries"
	p.until(t, log, &struct{}{}, delivered)
	do(&sent, "replay", hook.ID, id)
	if again := next(t, came); again.header.Get("webhook-id") != id || string(again.body) != string(first.body) {
		t.Errorf("%v %s", again.header, again.body)
	}
	p.until(t, log, &struct{}{}, delivered)
	var many struct{ Replayed int }
	do(&many, "replay", hook.ID, "--since", "2020-01-01T00:00:00Z")
	if again := next(t, came); many.Replayed != 1 || again.header.Get("webhook-id") != id {
		t.Errorf("%+v %v", many, again.header)
	}

	var off, on webhook
	do(&off, "update", hook.ID, "--enabled=false", "--events", "plan.changed", "--url", receiver.URL+"/broken")
	if off.Disabled == "" || off.Below != 0 || off.Name != "shop" || !strings.HasSuffix(off.URL, "/broken") {
		t.Errorf("%+v", off)
	}
	oneLine(t, "replaying to a disabled one", run("replay", hook.ID), "disabled", "enable it first")
	if r := run("test", hook.ID); r.code != 1 || r.err != "" || !strings.Contains(r.out, "it answered 418") {
		t.Errorf("%+v", r)
	}
	do(&on, "update", hook.ID, "--enabled")
	if on.Disabled != "" || on.URL != off.URL {
		t.Errorf("%+v", on)
	}

	for _, f := range []struct {
		name  string
		args  []string
		words []string
	}{
		{"no event", []string{"create", "--url", receiver.URL}, []string{"events", "allowed: at least one of generation.complete"}},
		{"an unknown event", []string{"create", "--url", receiver.URL, "--events", "generation.started"}, []string{"events", `"generation.started"`, "allowed: each once"}},
		{"no mark", []string{"create", "--url", receiver.URL, "--events", "balance.below"}, []string{"balance_below", `"0"`, "allowed: 1 to"}},
		{"many hours", []string{"create", "--url", receiver.URL, "--events", "grant.expiring", "--expiring-hours", "9223372036854775807"}, []string{"expiring_hours", "9223372036854775807", "allowed: 1 to 720 hours"}},
		{"no address", []string{"create", "--url", "shop", "--events", "plan.changed"}, []string{"url", `"shop"`, "allowed: an http or https address"}},
		{"no change", []string{"update", hook.ID}, []string{"nothing to change", "--enabled"}},
		{"an unknown one", []string{"get", "abc"}, []string{`no webhook "abc"`, "florin webhook list"}},
		{"an unknown delivery", []string{"replay", hook.ID, "abc"}, []string{`no delivery "abc"`, "florin webhook deliveries"}},
		{"both ways to replay", []string{"replay", hook.ID, id, "--failed"}, []string{"not both"}},
		{"a time that is none", []string{"replay", hook.ID, "--since", "yesterday"}, []string{"--since", `"yesterday"`, "RFC 3339"}},
		{"a page too long", []string{"deliveries", hook.ID, "--limit", "101"}, []string{"--limit is 101", "allowed: 1 to 100"}},
		{"an unknown page", []string{"deliveries", hook.ID, "--cursor", "abc"}, []string{`--cursor is "abc"`, "allowed"}},
	} {
		oneLine(t, f.name, run(f.args...), f.words...)
	}
	oneLine(t, "nobody's", command(t, "webhook", "list", "--data", s.Data), "--user", "--installation")
	oneLine(t, "a stranger's", command(t, "webhook", "get", "--data", s.Data, "--installation", hook.ID), "no webhook", hook.ID)
	oneLine(t, "without the setting", command(t, "webhook", "create", "--data", s.Data, "--installation", "--url", receiver.URL, "--events", "plan.changed"), receiver.URL, "allowed: an https address")
	for _, args := range [][]string{{"--user", p.email}, {"--service", "shop"}} {
		oneLine(t, "a secret without an address", command(t, append([]string{"key", "create", "--data", s.Data, "--webhook-secret", "s3cret"}, args...)...), "webhook_", "allowed: ")
	}
	if r := run("delete", hook.ID); r.code != 0 {
		t.Errorf("%+v", r)
	}
	p.do(t, "GET", "/api/v1/webhooks/"+hook.ID, "").want(t, http.StatusNotFound, nil)
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
