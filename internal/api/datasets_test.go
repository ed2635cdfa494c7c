package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"strings"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/internal/studio"
)

// shownSet is a dataset, a page of them, or a page of its pictures.
type shownSet struct {
	ID, Name, Description string
	Images                json.RawMessage
	Created               time.Time `json:"created_at"`
	Updated               time.Time `json:"updated_at"`
	Datasets              []shownSet
	NextCursor            string `json:"next_cursor"`
}

// pictures are those of a page.
func (d *shownSet) pictures(t *testing.T) (all []shownUpload) {
	t.Helper()
	if err := json.Unmarshal(d.Images, &all); err != nil {
		t.Fatalf("%v in %s", err, d.Images)
	}
	return all
}

type shownUpload struct{ ID, Kind, Name, URL string }

// Datasets are made, filled, listed and emptied; each write happens once for its key.
func TestDatasets(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		s := openPainting(t, url)
		_, key := s.somebody(t, "ada", false)
		do := func(status int, method, path, body string, headers ...string) (d shownSet) {
			t.Helper()
			got := s.ask(t, key, method, "/api/v1/datasets"+path, body, headers...)
			if got.Status != status {
				t.Fatalf("%s %s: %d %s, want %d", method, path, got.Status, got.Raw, status)
			}
			_ = json.Unmarshal(got.Raw, &d)
			return d
		}
		set := do(201, "POST", "", `{"name":" Cats ","description":"all of them"}`, "Idempotency-Key", "one")
		if again := do(201, "POST", "", `{"name":" Cats ","description":"all of them"}`, "Idempotency-Key", "one"); again.ID != set.ID || set.Name != "Cats" || string(set.Images) != "0" {
			t.Errorf("%+v %+v", set, again)
		}
		for i := range 3 {
			do(201, "POST", "", fmt.Sprintf(`{"name":"%d"}`, i))
		}
		var names []string
		for cursor, pages := "", 0; ; pages++ {
			page := do(200, "GET", "?limit=3&cursor="+cursor, "")
			for _, d := range page.Datasets {
				names = append(names, d.Name)
			}
			if cursor = page.NextCursor; cursor == "" || pages > 3 {
				break
			}
		}
		if len(names) != 4 {
			t.Errorf("%v", names)
		}

		// A picture comes as a body, in a form, and as a copy.
		images := "/" + set.ID + "/images"
		raw := string(small(t))
		first := do(201, "POST", images+"?name=tom.png", raw, "Content-Type", "application/octet-stream", "Idempotency-Key", "tom")
		if again := do(201, "POST", images+"?name=tom.png", raw, "Content-Type", "application/octet-stream", "Idempotency-Key", "tom"); again.ID != first.ID {
			t.Errorf("%s and %s", first.ID, again.ID)
		}
		var form bytes.Buffer
		w := multipart.NewWriter(&form)
		part, err := w.CreateFormFile("file", "felix.png")
		if err == nil {
			_, err = part.Write(small(t))
		}
		if err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		do(201, "POST", images, form.String(), "Content-Type", w.FormDataContentType())
		job := s.paint(t, key, `{"pipeline":"default","prompt":"a lake","width":64,"height":64}`)
		copied := do(201, "POST", "/"+set.ID+"/copies", `{"picture":"`+job.Pictures[0].ID+`"}`)
		for _, c := range []struct {
			what, path, body, kind string
			status                 int
		}{
			{"no picture", images, "hello", "application/octet-stream", 422},
			{"an empty body", images, "", "application/octet-stream", 400},
			{"a mesh", images + "?name=a.obj", tile, "application/octet-stream", 422},
			{"a form without a file", images, "--x--\r\n", "multipart/form-data; boundary=x", 422},
			{"no such picture", "/" + set.ID + "/copies", `{"picture":"nope"}`, "application/json", 404},
		} {
			if got := s.ask(t, key, "POST", "/api/v1/datasets"+c.path, c.body, "Content-Type", c.kind); got.Status != c.status {
				t.Errorf("%s: %d %s, want %d", c.what, got.Status, got.Raw, c.status)
			}
		}
		var shown []shownUpload
		for cursor, pages := "", 0; ; pages++ {
			page := do(200, "GET", images+"?limit=2&cursor="+cursor, "")
			shown = append(shown, page.pictures(t)...)
			if cursor = page.NextCursor; cursor == "" || pages > 3 {
				break
			}
		}
		if len(shown) != 3 || shown[0].ID != copied.ID || shown[1].Name != "felix.png" || shown[2].ID != first.ID || shown[2].Kind != "dataset" {
			t.Fatalf("%+v", shown)
		}
		for _, u := range shown {
			if got := s.ask(t, key, "GET", u.URL, ""); got.Status != 200 || got.Header.Get("Content-Type") != "image/png" {
				t.Errorf("%s: %d", u.URL, got.Status)
			}
		}
		before := s.ask(t, key, "GET", "/api/v1/datasets/"+set.ID, "")
		if tag := before.Header.Get("ETag"); tag == "" || s.ask(t, key, "GET", "/api/v1/datasets/"+set.ID, "", "If-None-Match", tag).Status != 304 {
			t.Errorf("ETag %q", tag)
		}

		do(204, "DELETE", images+"/"+first.ID, "")
		do(404, "DELETE", images+"/"+first.ID, "")
		if got := s.ask(t, key, "DELETE", "/api/v1/uploads/"+shown[1].ID, ""); got.Status != 204 {
			t.Errorf("%d %s", got.Status, got.Raw)
		}
		do(404, "DELETE", images+"/"+shown[1].ID, "")
		if left := do(200, "GET", "/"+set.ID, ""); string(left.Images) != "1" || !left.Updated.After(left.Created) {
			t.Errorf("%+v after %s", left, before.Raw)
		}
		do(204, "DELETE", "/"+set.ID, "")
		do(404, "GET", "/"+set.ID, "")
		do(404, "GET", images, "")
		do(404, "POST", images, raw, "Content-Type", "application/octet-stream")
		var rest struct{ Uploads []struct{ ID string } }
		if err := json.Unmarshal(s.ask(t, key, "GET", "/api/v1/uploads", "").Raw, &rest); err != nil || len(rest.Uploads) != 0 {
			t.Errorf("%+v %v", rest, err)
		}
		if got := s.ask(t, key, "GET", "/api/v1/pictures/"+job.Pictures[0].ID, ""); got.Status != 200 {
			t.Errorf("what was copied: %d", got.Status)
		}
		if got := s.ask(t, key, "POST", "/api/v1/datasets", `{"name":"`+strings.Repeat(" ", 5)+`"}`); got.Status != 422 || len(got.Errors) != 1 || got.Errors[0].Location != "body.name" {
			t.Errorf("%d %s", got.Status, got.Raw)
		}
	})
}

// A process that died between making a dataset or an image of one and telling of it has
// made nothing that the repeat, which has the same id, makes twice.
func TestDatasetsAfterACrash(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		s, ctx := openPainting(t, url), t.Context()
		p, _ := s.somebody(t, "ada", false)
		first, err := s.studio.CreateDatasetAs(ctx, p.Account, "set", "cats", "")
		if again, failed := s.studio.CreateDatasetAs(ctx, p.Account, "set", "cats", ""); err != nil || failed != nil || again.ID != "set" || again.Created != first.Created {
			t.Fatalf("%+v %v, then %+v %v", first, err, again, failed)
		}
		lost, err := s.studio.AddUploadAs(ctx, p.Account, "image", studio.DatasetUpload, "tom.png", bytes.NewReader(small(t)))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if u, err := s.studio.AddToDataset(ctx, p.Account, "set", "image", "tom.png", bytes.NewReader(small(t))); err != nil || u.ID != lost.ID || u.File != lost.File {
				t.Errorf("%+v %v", u, err)
			}
		}
		if d, err := s.studio.Dataset(ctx, p.Account, "set"); err != nil || d.Images != 1 || len(d.Uploads) != 1 {
			t.Errorf("%+v %v", d, err)
		}
		if all, err := s.studio.Datasets(ctx, p.Account, "", 9); err != nil || len(all) != 1 {
			t.Errorf("%+v %v", all, err)
		}
	})
}
