package leonardo_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/api/leonardo"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/internal/studio"
)

// A form is good for two minutes, for the one file it was signed for, and needs no key.
func TestPresignedForms(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.person(t, "ada", "free")
		file := photo(t, 64)
		begin := func() (id, address, fields string) {
			a := p.want(t, "POST", "/init-image", `{"extension":"PNG"}`)
			return text(t, a, "uploadInitImage", "id"), text(t, a, "uploadInitImage", "url"), text(t, a, "uploadInitImage", "fields")
		}
		id, address, fields := begin()
		if !strings.HasPrefix(address, h.URL+"/") {
			t.Errorf("the form goes to %s, not to %s", address, h.URL)
		}
		other, _, _ := begin()
		for name, change := range map[string]map[string]string{
			"another upload":  {"x-florin-upload": other},
			"another account": {"x-florin-account": nobody},
			"another name":    {"key": "users/x"},
			"a later end":     {"x-florin-until": "9999999999999"},
			"no end":          {"x-florin-until": ""},
			"no signature":    {"x-florin-signature": ""},
		} {
			if a := h.form(t, address, fields, file, change); a.status != http.StatusForbidden {
				t.Errorf("%s: %d %s", name, a.status, a.raw)
			}
		}
		for name, wrong := range map[string][]byte{
			"no file": nil, "an empty file": {}, "no picture": []byte("hello"), "too large": append(bytes.Clone(file), make([]byte, studio.MaxPictureBytes)...),
		} {
			if a := h.form(t, address, fields, wrong, nil); a.status != http.StatusBadRequest {
				t.Errorf("%s: %d %s", name, a.status, a.raw)
			}
		}
		h.ahead.Store(int64(2*time.Minute - 10*time.Second))
		if a := h.form(t, address, fields, file, nil); a.status != http.StatusNoContent || len(a.raw) != 0 {
			t.Errorf("in time: %d %s", a.status, a.raw)
		}
		if a := h.form(t, address, fields, file, nil); a.status != http.StatusBadRequest {
			t.Errorf("the same again: %d %s", a.status, a.raw)
		}
		_, address, fields = begin()
		h.ahead.Add(int64(2*time.Minute + time.Second))
		if a := h.form(t, address, fields, file, nil); a.status != http.StatusForbidden {
			t.Errorf("after two minutes: %d %s", a.status, a.raw)
		}
		_, address, _ = begin()
		p.want(t, "DELETE", "/init-image/"+id, "")
		if a := p.want(t, "GET", "/init-image/"+id, ""); a.at("init_images_by_pk") != nil {
			t.Errorf("deleted: %s", a.raw)
		}
		if r, err := http.Post(address, "application/json", strings.NewReader("{}")); err != nil || r.StatusCode != http.StatusBadRequest {
			t.Errorf("no form: %v %v", r, err)
		}
	})
}

// The address of a file is for whoever was given it, for some weeks, and for that file alone.
func TestFileAddresses(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.person(t, "ada", "free")
		id, second := p.upload(t, photo(t, 64)), p.upload(t, photo(t, 32))
		address := text(t, p.want(t, "GET", "/init-image/"+id, ""), "init_images_by_pk", "url")
		get := func(address string) int {
			t.Helper()
			r, err := http.NewRequestWithContext(t.Context(), "GET", address, nil)
			if err != nil {
				t.Fatal(err)
			}
			return h.send(t, r).status
		}
		if got := get(address); got != http.StatusOK {
			t.Errorf("its address: %d", got)
		}
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"account", "until", "signature"} {
			changed, q := *u, u.Query()
			q.Set(name, q.Get(name)+"1")
			changed.RawQuery = q.Encode()
			if got := get(changed.String()); got != http.StatusForbidden {
				t.Errorf("another %s: %d", name, got)
			}
		}
		if got := get(strings.Replace(address, id, second, 1)); got != http.StatusForbidden {
			t.Errorf("another file: %d", got)
		}
		h.ahead.Store(int64(32 * 24 * time.Hour))
		if got := get(address); got != http.StatusForbidden {
			t.Errorf("after a month: %d", got)
		}
		again := text(t, p.want(t, "GET", "/init-image/"+id, ""), "init_images_by_pk", "url")
		p.want(t, "DELETE", "/init-image/"+id, "")
		if got := get(again); got != http.StatusNotFound {
			t.Errorf("deleted: %d", got)
		}
	})
}

// Behind a proxy the addresses are those of outside.
func TestAddressesOfOutside(t *testing.T) {
	t.Parallel()
	h := open(t, storetest.SQLite(t), func(c *leonardo.Config) { c.PublicURL = "https://studio.example.org/" })
	a := h.person(t, "ada", "free").want(t, "POST", "/canvas-init-image", `{"initExtension":"png","maskExtension":"webp"}`)
	for _, name := range []string{"initUrl", "maskUrl"} {
		if got := text(t, a, "uploadCanvasInitImage", name); !strings.HasPrefix(got, "https://studio.example.org/api/rest/") {
			t.Errorf("%s is %s", name, got)
		}
	}
}

// Datasets keep uploads and copies of generated pictures, and go with them.
func TestDatasets(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.run(t)
		p, eve := h.person(t, "ada", "maestro"), h.person(t, "eve", "free")
		job := text(t, p.want(t, "POST", "/generations", `{"prompt":"a lake","num_images":1,"width":64,"height":64}`), "sdGenerationJob", "generationId")
		g := p.ended(t, job)
		picture := text(t, answer{body: g["generated_images"].([]any)[0].(map[string]any)}, "id")
		set := text(t, p.want(t, "POST", "/datasets", `{"name":" mine ","description":null}`), "insert_datasets_one", "id")
		up := p.want(t, "POST", "/datasets/"+set+"/upload", `{"extension":"jpg"}`)
		if got := p.want(t, "GET", "/datasets/"+set, ""); len(got.at("datasets_by_pk", "dataset_images").([]any)) != 0 {
			t.Errorf("before the file came: %s", got.raw)
		}
		if a := h.form(t, text(t, up, "uploadDatasetImage", "url"), text(t, up, "uploadDatasetImage", "fields"), photo(t, 64), nil); a.status != http.StatusNoContent {
			t.Errorf("the file: %d %s", a.status, a.raw)
		}
		copied := text(t, p.want(t, "POST", "/datasets/"+set+"/upload/gen", `{"generatedImageId":"`+picture+`"}`), "uploadDatasetImageFromGen", "id")
		got := p.want(t, "GET", "/datasets/"+set, "")
		images := got.at("datasets_by_pk", "dataset_images").([]any)
		if text(t, got, "datasets_by_pk", "name") != "mine" || len(images) != 2 || !strings.Contains(string(got.raw), copied) {
			t.Errorf("%s", got.raw)
		}
		for _, body := range []string{`{"generatedImageId":"` + nobody + `"}`, `{"generatedImageId":"x"}`, `{}`} {
			if a := p.ask(t, "POST", "/datasets/"+set+"/upload/gen", body); a.status != http.StatusBadRequest {
				t.Errorf("%s: %d %s", body, a.status, a.raw)
			}
		}
		for call, body := range map[string]string{"/upload": `{"extension":"png"}`, "/upload/gen": `{"generatedImageId":"` + picture + `"}`} {
			if a := eve.ask(t, "POST", "/datasets/"+set+call, body); a.status != http.StatusBadRequest {
				t.Errorf("another's dataset: %d %s", a.status, a.raw)
			}
		}
		evesSet := text(t, eve.want(t, "POST", "/datasets", `{"name":"hers"}`), "insert_datasets_one", "id")
		if a := eve.ask(t, "POST", "/datasets/"+evesSet+"/upload/gen", `{"generatedImageId":"`+picture+`"}`); a.status != http.StatusBadRequest {
			t.Errorf("another's picture: %d %s", a.status, a.raw)
		}
		p.want(t, "DELETE", "/datasets/"+set, "")
		if a := p.want(t, "GET", "/init-image/"+copied, ""); a.at("init_images_by_pk") != nil {
			t.Errorf("the dataset is gone and its pictures are not: %s", a.raw)
		}
		if a := p.want(t, "GET", "/generations/"+job, ""); a.at("generations_by_pk") == nil {
			t.Error("the generation went with the copy of its picture")
		}
	})
}
