package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/store/storetest"
)

// TestTwoServers runs two servers on one PostgreSQL and one folder of pictures: whoever
// runs a job, either tells of it as it happens, shows its pictures, and cancels it.
func TestTwoServers(t *testing.T) {
	t.Parallel()
	url := storetest.Postgres(t)
	shared := t.TempDir()
	start := func() *server {
		data := t.TempDir()
		if err := os.Symlink(shared, filepath.Join(data, "pictures")); err != nil {
			t.Fatal(err)
		}
		return serve(t, data, "--database", url)
	}
	a, b := start(), start()
	at := []string{"--data", a.Data, "--database", url}
	must(t, append([]string{"user", "create", "--email", "two@example.org", "--password", "correct horse", "--plan", "maestro"}, at...)...)
	key := strings.TrimSpace(must(t, append([]string{"key", "create", "--user", "two@example.org"}, at...)...))
	near := &person{"two@example.org", key, client{base: a.URL, key: key}}
	far := near.at(b)
	var jobs []job
	for range 6 {
		jobs = append(jobs, near.submit(t, fourPictures))
	}
	for _, j := range jobs {
		j = far.end(t, j.ID)
		if j.Status != "complete" || paid(t, "two servers", far, j) != 4 {
			t.Errorf("job is %+v", j)
		}
	}
	long := near.submit(t, strings.ReplaceAll(fourPictures, "160", "768"))
	far.follow(t, long.ID, func(j job) bool { return j.Progress > 5 })
	asked := time.Now()
	far.do(t, "POST", "/api/v1/jobs/"+long.ID+"/cancel", "").want(t, http.StatusOK, nil)
	j := near.end(t, long.ID)
	if j.Status != "cancelled" || j.Settled != int64(len(j.Pictures)) {
		t.Errorf("job is %+v", j)
	}
	t.Logf("cancelled %v after it was asked for at the other server, whichever ran it", time.Since(asked))
	var again job
	far.do(t, "POST", "/api/v1/jobs/"+long.ID+"/retry", "").want(t, http.StatusCreated, &again)
	if again.ID == long.ID || again.Images != 4-len(j.Pictures) {
		t.Errorf("the retry is %+v", again)
	}
	near.do(t, "POST", "/api/v1/jobs/"+again.ID+"/cancel", "").want(t, http.StatusOK, nil)
	far.end(t, again.ID)
	// Who loses one server while a job runs goes on at the other, and is told of its end.
	lost := near.submit(t, fourPictures)
	_, event, _ := near.resume(t, "0", lost.ID, func(j job) bool { return j.Status != "queued" })
	near.end(t, lost.ID)
	if event == "" || event == "0" {
		t.Errorf("the last event has the id %q", event)
	}
	if j, _, ok := far.resume(t, event, lost.ID, job.final); !ok || j.Status != "complete" {
		t.Errorf("after event %s the other server tells of %+v", event, j)
	}
	if out := must(t, append([]string{"engines"}, at...)...); strings.Count(out, "builtin  ready") != 2 {
		t.Errorf("florin engines tells:\n%s", out)
	}
	for _, s := range []*server{a, b} {
		if code := s.stop(t, syscall.SIGTERM); code != 0 {
			t.Errorf("exit code %d:\n%s", code, s.log())
		}
	}
	must(t, append([]string{"ledger", "verify"}, at...)...)
}
