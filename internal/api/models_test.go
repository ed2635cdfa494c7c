package api_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/api"
	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/sqlstore"
	"github.com/florin-studio/florin/internal/models"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/internal/studio"
)

// modelDesk is an API whose npm does not exist, with the sessions of an administrator and of somebody else.
func modelDesk(t *testing.T) (server *httptest.Server, in *models.Installer, admin, other string) {
	t.Helper()
	db := storetest.Open(t, storetest.SQLite(t))
	l := ledger.New(sqlstore.New(db), catalog.Default().Rules, ledger.Options{})
	t.Cleanup(func() { _ = l.Close(context.Background()) })
	people := &identity.Service{DB: db, Ledger: l, Now: time.Now, Cost: identity.Cost{MemoryKiB: 64, Passes: 1}}
	st := studio.New(studio.Config{DB: db, Ledger: l, Catalog: catalog.Default, Secret: []byte("secret"), Now: time.Now, Alone: true})
	in = models.NewInstaller(t.Context(), models.Store{Dir: t.TempDir(), NPM: "/nonexistent/npm"})
	t.Cleanup(in.Wait)
	server = httptest.NewServer(api.New(api.Config{Studio: st, Identity: people, Now: time.Now, Models: in}))
	t.Cleanup(server.Close)
	enter := func(email string, is bool) string {
		p, err := people.Create(t.Context(), identity.NewPerson{Name: "N", Email: email, Password: "correct horse", Admin: is})
		if err != nil {
			t.Fatal(err)
		}
		secret, err := people.StartSession(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		return secret
	}
	return server, in, enter("ada@example.org", true), enter("bob@example.org", false)
}

// asked sends a request and gives status, answer and problem code.
func asked(t *testing.T, server *httptest.Server, session, method, path, body string) (int, api.ModelFiles, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/api/v1/admin/models"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "florin_session", Value: session})
	r.Header.Set("Content-Type", "application/json")
	answer, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	var files api.ModelFiles
	var problem struct{ Code string }
	_ = json.Unmarshal(raw, &problem)
	if answer.StatusCode < 300 {
		if err := json.Unmarshal(raw, &files); err != nil {
			t.Fatal(err)
		}
	}
	return answer.StatusCode, files, problem.Code
}

func TestModelsAreForAdministrators(t *testing.T) {
	t.Parallel()
	server, _, _, other := modelDesk(t)
	for _, c := range [][2]string{{"GET", ""}, {"POST", "/upscale/install"}, {"DELETE", "/upscale"}} {
		if status, _, code := asked(t, server, other, c[0], c[1], "{}"); status != http.StatusForbidden || code != "forbidden" {
			t.Errorf("%s %s: %d %s", c[0], c[1], status, code)
		}
	}
}

func TestModelsAreOfferedAndInstalledOnRequest(t *testing.T) {
	t.Parallel()
	server, in, admin, _ := modelDesk(t)
	status, files, _ := asked(t, server, admin, "GET", "", "")
	if status != 200 || len(files.Sets) != 3 || len(files.Items) != 2 || files.Job != nil || files.Offer != files.Items[0].Supported {
		t.Fatalf("%d %+v", status, files)
	}
	if !files.Items[0].Supported {
		t.Skip("there is no ONNX Runtime for this machine; run this test on Linux or on a Mac with an Apple processor")
	}
	if !files.Sets[1].NeedsAcceptance || files.Sets[0].NeedsAcceptance {
		t.Errorf("%+v", files.Sets)
	}
	if status, _, code := asked(t, server, admin, "POST", "/background/install", "{}"); status != 422 || code != "licence_required" {
		t.Errorf("without acceptance: %d %s", status, code)
	}
	if status, _, code := asked(t, server, admin, "POST", "/everything/install", "{}"); status != 404 || code != "not_found" {
		t.Errorf("an unknown set: %d %s", status, code)
	}
	status, files, _ = asked(t, server, admin, "POST", "/background/install", `{"accept_licenses":true}`)
	if status != http.StatusAccepted || files.Job == nil || files.Job.Set != "background" {
		t.Errorf("%d %+v", status, files.Job)
	}
	in.Wait()
	_, files, _ = asked(t, server, admin, "GET", "", "")
	if files.Job.Running || !strings.Contains(files.Job.Error, "npm pack") || files.Items[1].Accepted == nil || files.Items[1].Accepted.Who != "ada@example.org" {
		t.Errorf("%+v, accepted %+v", files.Job, files.Items[1].Accepted)
	}
	if status, files, _ = asked(t, server, admin, "DELETE", "/all", ""); status != 200 || files.Job != nil {
		t.Errorf("%d %+v", status, files.Job)
	}
}
