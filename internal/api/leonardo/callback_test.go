package leonardo

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token/calendar"
)

// The callback has the public API's members, addresses that can be called, and no secrets.
func TestCallback(t *testing.T) {
	t.Parallel()
	at := calendar.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	call := Callback(Config{Secret: []byte("secret"), Now: func() time.Time { return at.Time() }}, "http://127.0.0.1:8080")
	k := identity.Key{ID: "key", Person: "ada", Name: "shop", Hint: "abcd…ef01", Created: at, WebhookURL: "https://shop.example/hook", HasSecret: true}
	j := studio.Job{Account: "ada", ID: "job", Status: studio.Complete, Settled: 9, Created: at, Finished: at.Add(time.Second), Pictures: []studio.Picture{{ID: "pic", Account: "ada", Created: at}}}
	j.Spec = studio.Spec{Pipeline: "default", Prompt: "a lake", Width: 1024, Height: 768, Images: 1, Seed: 7}
	type object struct {
		Status, UserID, Seed, APIDollarCost, APIKeyID, URL, TransformType, CreatedAt string
		TokenCost                                                                    int64
		API                                                                          bool
		Images                                                                       []struct{ ID, URL, GenerationID string }
		APIKey                                                                       map[string]any
	}
	read := func(raw []byte) (kind string, o object) {
		t.Helper()
		var all struct {
			Type, Object string
			Timestamp    int64
			APIVersion   string `json:"api_version"`
			Data         struct{ Object object }
		}
		if err := json.Unmarshal(raw, &all); err != nil || all.APIVersion != "v1" || all.Timestamp != int64(j.Finished) || all.Object == "" {
			t.Fatalf("%v in %s", err, raw)
		}
		return all.Type, all.Data.Object
	}
	kind, o := read(call(&j, &k))
	if kind != "image_generation.complete" || o.Status != "COMPLETE" || o.UserID != "ada" || o.Seed != "7" || o.TokenCost != 9 || o.APIDollarCost != "9" || !o.API || o.APIKeyID != "key" || o.CreatedAt != "2026-03-01T12:00:00.000Z" {
		t.Errorf("%s %+v", kind, o)
	}
	if len(o.Images) != 1 || o.Images[0].GenerationID != "job" || !strings.HasPrefix(o.Images[0].URL, "http://127.0.0.1:8080/api/rest/files/pictures/pic.png?") {
		t.Errorf("%+v", o.Images)
	}
	if o.APIKey["key"] != maskedSecret || o.APIKey["webhookCallbackApiKey"] != maskedSecret || o.APIKey["webhookCallbackUrl"] != k.WebhookURL || o.APIKey["type"] != "PRODUCTION" {
		t.Errorf("%+v", o.APIKey)
	}
	j.Origin = "https://studio.example.org"
	if _, o := read(call(&j, &k)); !strings.HasPrefix(o.Images[0].URL, "https://studio.example.org/api/rest/files/") {
		t.Errorf("%+v", o.Images)
	}
	j.Status, j.Pictures, j.Settled = studio.Cancelled, nil, 0
	if kind, o := read(call(&j, &k)); kind != "image_generation.complete" || o.Status != "FAILED" || o.Images == nil || len(o.Images) != 0 {
		t.Errorf("%s %+v", kind, o)
	}
	j.Status, j.Spec.Operation, j.Spec.Source, j.Pictures = studio.Complete, "remove_background", studio.Origin{Picture: "pic"}, []studio.Picture{{ID: "cut", Account: "ada"}}
	kind, o = read(call(&j, &k))
	if u, err := url.Parse(o.URL); kind != "post_processing.complete" || o.TransformType != "NOBG" || err != nil || u.Host != "studio.example.org" {
		t.Errorf("%s %+v", kind, o)
	}
	j.Spec.Operation = "texture_preview"
	if kind, _ := read(call(&j, &k)); kind != "texture_generation.complete" {
		t.Error(kind)
	}
}
