package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/studio"
)

// things are somebody's, by what they are called in the paths and bodies of tests.
type things map[string]string

// fill writes ids into a path or a body. What {id} is follows from the path.
func (th things) fill(text string) string {
	for _, kind := range []struct{ under, is string }{
		{"/jobs/{id}", "job"}, {"/pictures/{id}", "picture"}, {"/uploads/{id}", "upload"}, {"/keys/{id}", "key"}, {"/service-keys/{id}", "service key"}, {"/webhooks/{id}", "webhook"},
		{"/generations/{id}", "job"}, {"/init-image/{id}", "upload"}, {"/variations/{id}", "variation"}, {"/models-3d/{id}", "mesh"},
		{"/generations-texture/{id}", "texture job"}, {"/generations-texture/model/{id}", "mesh"}, {"/datasets/{id}", "dataset"},
	} {
		text = strings.ReplaceAll(text, kind.under, strings.ReplaceAll(kind.under, "{id}", th[kind.is]))
	}
	for name, id := range th {
		text = strings.ReplaceAll(text, "{"+name+"}", id)
	}
	return strings.ReplaceAll(text, "{id}", th["job"])
}

const tile = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\nf 1/1 2/2 3/3 4/4\n"

// furnish gives somebody one of each thing.
func (s *shop) furnish(t testing.TB, p identity.Person, key string) things {
	t.Helper()
	ctx := t.Context()
	fail := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	upload, err := s.studio.AddUpload(ctx, p.Account, studio.ImageUpload, "a.png", bytes.NewReader(small(t)))
	fail(err)
	mesh, err := s.studio.AddUpload(ctx, p.Account, studio.MeshUpload, "a.obj", strings.NewReader(tile))
	fail(err)
	set, err := s.studio.CreateDataset(ctx, p.Account, "mine", "")
	fail(err)
	image, err := s.studio.AddToDataset(ctx, p.Account, set.ID, "", "a.png", bytes.NewReader(small(t)))
	fail(err)
	job := s.paint(t, key, `{"pipeline":"default","prompt":"a lake","width":64,"height":64}`)
	variation := s.paint(t, key, `{"operation":"unzoom","source":{"picture":"`+job.Pictures[0].ID+`"}}`)
	texture := s.paint(t, key, `{"operation":"texture_preview","prompt":"bricks","mesh":"`+mesh.ID+`"}`)
	for _, j := range []painted{job, variation, texture} {
		if j.Status != "complete" {
			t.Fatalf("%+v", j)
		}
	}
	var quote struct{ ID string }
	fail(json.Unmarshal(s.ask(t, key, "POST", "/api/v1/quotes", `{"pipeline":"default"}`).Raw, &quote))
	keys, err := s.people.Keys(ctx, p)
	fail(err)
	hook, delivery := s.webhook(t, key, "/api/v1/webhooks")
	return things{
		"webhook": hook, "delivery": delivery,
		"account": p.Account, "user": p.ID, "hold": "k-k", "upload": upload.ID, "mesh": mesh.ID, "dataset": set.ID, "image": image.ID, "job": job.ID, "picture": job.Pictures[0].ID,
		"variation": variation.ID, "texture": texture.Pictures[0].ID, "texture job": texture.ID, "quote": quote.ID, "key": keys[0].ID, "service key": keys[0].ID, "number": "1", "rest...": "x", "set": "upscale",
	}
}

// webhookBody is the body of a webhook at a public address, which no test calls.
const webhookBody = `{"url":"https://1.1.1.1/hook","events":["plan.changed"]}`

// webhook makes a webhook with a delivery and gives the ids of both.
func (s *shop) webhook(t testing.TB, key, path string) (id, delivery string) {
	t.Helper()
	made := s.ask(t, key, "POST", path, webhookBody)
	sent := s.ask(t, key, "POST", path+"/"+made.ID+"/test", "")
	if made.Status != 201 || sent.Status != 202 {
		t.Fatalf("%s: %s %s", path, made.Raw, sent.Raw)
	}
	return made.ID, sent.ID
}

// standing is all that somebody has, to be compared.
func (s *shop) standing(t testing.TB, p identity.Person, key string, th things) string {
	t.Helper()
	all := string(s.want(t, 200, "GET", "/api/v1/accounts/"+p.Account+"/journal?limit=100", "").Raw)
	for _, path := range []string{"jobs", "pictures", "uploads"} {
		all += string(s.ask(t, key, "GET", "/api/v1/"+path, "").Raw)
	}
	sets, err := s.studio.Dataset(t.Context(), p.Account, th["dataset"])
	keys, failed := s.people.Keys(t.Context(), p)
	if err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	return all + fmt.Sprint(sets, len(keys))
}
