package studio_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
)

// stored counts the files on disk.
func (h *house) stored() int {
	h.t.Helper()
	n := 0
	err := filepath.WalkDir(h.folder, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

func TestT17ARepeatWithAnotherFieldIsAConflict(t *testing.T) {
	each(t, "apprentice", func(t *testing.T, h *house) {
		h.all()
		h.work()
		x := h.things()
		other := h.upload(studio.ImageUpload, "other.png", pngOf(t, 24, 32, 77))
		events := h.listen()
		sub := x.every()["canvas"].sub
		sub.Key, sub.Request.Images = "once", 1
		j := h.submit(sub)
		h.paint(1)
		h.until(events, j.ID, studio.Complete)
		if again := h.submit(sub); again.ID != j.ID || again.Status != studio.Complete {
			t.Fatalf("a repeat is %+v", again)
		}
		for field, change := range map[string]func(*studio.Submission){
			"source":     func(s *studio.Submission) { s.Source.Upload = other },
			"extend":     func(s *studio.Submission) { s.Extend.Left = 8 },
			"strength":   func(s *studio.Submission) { s.Strength = 0.4 },
			"mask":       func(s *studio.Submission) { s.Mask = "" },
			"references": func(s *studio.Submission) { s.References = []studio.Reference{{Origin: s.Source, Kind: "palette"}} },
			"elements":   func(s *studio.Submission) { s.Elements = []studio.Element{{ID: "oil"}} },
			"seed":       func(s *studio.Submission) { s.Seed = new(int64) },
			"images":     func(s *studio.Submission) { s.Request.Images = 2 },
		} {
			changed := sub
			change(&changed)
			_, err := h.Submit(context.Background(), account, changed)
			var refusal *token.Refusal
			if !errors.As(err, &refusal) || refusal.Reason != token.IdempotencyConflict || refusal.Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		if err := h.DeleteUpload(context.Background(), account, x.image); err != nil {
			t.Fatal(err)
		}
		if again := h.submit(sub); again.ID != j.ID {
			t.Errorf("a repeat without its source is %+v", again)
		}
	})
}

func TestDeletingFreesFiles(t *testing.T) {
	each(t, "apprentice", func(t *testing.T, h *house) {
		h.all()
		h.account("bob")
		photo := pngOf(t, 40, 30, 5)
		first := h.upload(studio.ImageUpload, "a.png", photo)
		second := h.upload(studio.ImageUpload, "b.png", photo)
		theirs, err := h.AddUpload(context.Background(), "bob", studio.ImageUpload, "c.png", bytes.NewReader(photo))
		if err != nil {
			t.Fatal(err)
		}
		if n := h.stored(); n != 2 { // the picture and its thumbnail, once
			t.Fatalf("%d files are stored", n)
		}
		for i, id := range []string{first, second} {
			if err := h.DeleteUpload(context.Background(), account, id); err != nil {
				t.Fatal(err)
			}
			if n := h.stored(); n != 2 {
				t.Errorf("after %d deletions there are %d files", i+1, n)
			}
		}
		if err := h.DeleteUpload(context.Background(), "bob", theirs.ID); err != nil {
			t.Fatal(err)
		}
		if n := h.stored(); n != 0 {
			t.Errorf("%d files are left", n)
		}
		if err := h.DeleteUpload(context.Background(), account, first); !errors.Is(err, studio.ErrUnknown) {
			t.Errorf("deleting twice: %v", err)
		}
	})
}

func TestDeletingPicturesAndJobs(t *testing.T) {
	each(t, "apprentice", func(t *testing.T, h *house) {
		h.easel.give.Files = []engine.File{{Kind: "mask", Type: "image/png", Data: []byte("a mask")}}
		events := h.listen()
		j := h.submit(ask(2))
		h.work()
		<-h.easel.asked
		for what, err := range map[string]error{"job": h.DeleteJob(context.Background(), account, j.ID)} {
			if fieldOf(err) != what {
				t.Errorf("deleting an open %s: %v", what, err)
			}
		}
		h.easel.say <- nil
		h.paint(1)
		j = h.until(events, j.ID, studio.Complete)
		if err := h.DeletePicture(context.Background(), account, j.Pictures[0].ID); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Picture(context.Background(), account, j.Pictures[0].ID); !errors.Is(err, studio.ErrUnknown) {
			t.Errorf("the picture is still there: %v", err)
		}
		if left, err := h.Job(context.Background(), account, j.ID); err != nil || len(left.Pictures) != 1 || left.Settled != 2 {
			t.Errorf("the job is %+v, %v", left, err)
		}
		if n := h.stored(); n != 3 {
			t.Errorf("%d files are stored, want one picture's three", n)
		}
		if err := h.DeleteJob(context.Background(), account, j.ID); err != nil {
			t.Fatal(err)
		}
		if n := h.stored(); n != 0 {
			t.Errorf("%d files are left", n)
		}
		if jobs, err := h.Jobs(context.Background(), account, "", 10); err != nil || len(jobs) != 0 {
			t.Errorf("jobs are %+v, %v", jobs, err)
		}
		if jobs, err := h.List(context.Background(), account, studio.Listing{Limit: 10}); err != nil || len(jobs) != 0 {
			t.Errorf("the listing for the compatible API is %+v, %v", jobs, err)
		}
		now := h.clock.Load()
		uses, err := h.Usage(context.Background(), account, 0, 1<<60)
		if err != nil || len(uses) != 1 || uses[0].Tokens != 2 {
			t.Errorf("at %d usage is %+v, %v", now, uses, err)
		}
		h.expect(8498, 0)
	})
}

// A job whose source is deleted while it waits fails and costs nothing.
func TestADeletedSourceFailsItsJob(t *testing.T) {
	each(t, "apprentice", func(t *testing.T, h *house) {
		h.all()
		stop := h.work()
		x := h.things()
		stop()
		h.open()
		h.all()
		events := h.listen()
		j := h.submit(x.every()["upscale"].sub)
		if err := h.DeleteUpload(context.Background(), account, x.image); err != nil {
			t.Fatal(err)
		}
		h.work()
		if j = h.until(events, j.ID, studio.Failed); !strings.Contains(j.Reason, "deleted") || j.Settled != 0 {
			t.Errorf("job is %+v", j)
		}
		h.expect(8499, 0)
	})
}

func TestUploadsAreBoundedAndRead(t *testing.T) {
	each(t, "free", func(t *testing.T, h *house) {
		ctx := context.Background()
		for name, c := range map[string]struct {
			kind  studio.UploadKind
			file  string
			data  []byte
			field string
		}{
			"another kind":     {"film", "a.png", nil, "kind"},
			"another ending":   {studio.ImageUpload, "a.gif", nil, "extension"},
			"no ending":        {studio.ImageUpload, "a", nil, "extension"},
			"a mesh as image":  {studio.ImageUpload, "a.obj", nil, "extension"},
			"nothing":          {studio.ImageUpload, "a.png", nil, "file"},
			"text":             {studio.ImageUpload, "a.png", []byte("hello"), "file"},
			"half a picture":   {studio.MaskUpload, "a.png", pngOf(t, 64, 64, 3)[:100], "file"},
			"not what it says": {studio.MeshUpload, "a.glb", []byte(cube), "file"},
			"too large":        {studio.MeshUpload, "a.obj", make([]byte, studio.MaxMeshBytes+1), "file"},
		} {
			_, err := h.AddUpload(ctx, account, c.kind, c.file, bytes.NewReader(c.data))
			if fieldOf(err) != c.field {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := h.stored(); n != 0 {
			t.Errorf("%d files of refused uploads are stored", n)
		}
		if list, err := h.Uploads(ctx, account, "", "", 10); err != nil || len(list) != 0 {
			t.Errorf("refused uploads are listed: %+v %v", list, err)
		}
		u, err := h.BeginUpload(ctx, account, studio.ImageUpload, "JPG")
		if err != nil || u.Status != studio.UploadPending {
			t.Fatalf("%+v %v", u, err)
		}
		if err := h.FinishUpload(ctx, account, u.ID, bytes.NewReader(pngOf(t, 50, 20, 3))); err != nil {
			t.Fatal(err)
		}
		if err := h.FinishUpload(ctx, account, u.ID, bytes.NewReader(pngOf(t, 50, 20, 3))); fieldOf(err) != "upload" {
			t.Errorf("finishing twice: %v", err)
		}
		u, err = h.Upload(ctx, account, u.ID)
		if err != nil || u.Status != studio.UploadReady || u.Width != 50 || u.Height != 20 || u.Ext != "png" || u.Thumb == "" {
			t.Errorf("the upload is %+v %v", u, err)
		}
	})
}

func TestAnAccountKeepsSoManyUploads(t *testing.T) {
	each(t, "free", func(t *testing.T, h *house) {
		ctx := context.Background()
		for range studio.MaxUploads {
			if _, err := h.BeginUpload(ctx, account, studio.MeshUpload, "obj"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := h.BeginUpload(ctx, account, studio.MeshUpload, "obj"); fieldOf(err) != "uploads" {
			t.Errorf("one too many: %v", err)
		}
		h.clock.Add((2 * time.Hour).Milliseconds()) // nobody finished them
		if _, err := h.BeginUpload(ctx, account, studio.MeshUpload, "obj"); err != nil {
			t.Error(err)
		}
	})
}

func TestSweepingSparesWhatIsNamedOrNew(t *testing.T) {
	each(t, "free", func(t *testing.T, h *house) {
		ctx := context.Background()
		h.upload(studio.ImageUpload, "a.png", pngOf(t, 40, 30, 5))
		fresh, err := h.Files.Put([]byte("just now"), "txt")
		if err != nil {
			t.Fatal(err)
		}
		old, err := h.Files.Put([]byte("long ago"), "txt")
		if err != nil {
			t.Fatal(err)
		}
		long := time.Now().Add(-2 * time.Hour)
		err = filepath.WalkDir(h.folder, func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() && filepath.Base(path) != fresh {
				err = os.Chtimes(path, long, long)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := h.SweepFiles(ctx); err != nil || n != 1 {
			t.Errorf("%d files were swept, %v", n, err)
		}
		if _, err := h.Files.Open(old); err == nil {
			t.Error("what nobody names is still there")
		}
		if f, err := h.Files.Open(fresh); err != nil {
			t.Error("what is new is gone")
		} else {
			_ = f.Close()
		}
		if n := h.stored(); n != 3 {
			t.Errorf("%d files are left, want the upload's two and the new one", n)
		}
	})
}

func TestPromptsAreFreeUnlessPriced(t *testing.T) {
	each(t, "free", func(t *testing.T, h *house) {
		ctx := context.Background()
		seed := int64(7)
		got, err := h.ImprovePrompt(ctx, account, " a lake ", "at night", studio.Help{Seed: &seed})
		if err != nil || got.Prompt != "a lake, at night 7" || got.Tokens != 0 {
			t.Errorf("%+v %v", got, err)
		}
		if got, err := h.RandomPrompt(ctx, account, studio.Help{}); err != nil || got.Prompt != fmt.Sprint("a lake ", got.Seed) {
			t.Errorf("%+v %v", got, err)
		}
		if _, err := h.ImprovePrompt(ctx, account, "", "", studio.Help{}); fieldOf(err) != "prompt" {
			t.Errorf("an empty prompt: %v", err)
		}
		h.expect(150, 0)
		text := bytes.Replace(catalog.DefaultYAML(), []byte("operations:\n"), []byte("operations:\n  - {id: prompt_improve, name: Prompt improvement, tokens: 4}\n"), 1)
		dear, err := catalog.Load("dear.yaml", text)
		if err != nil {
			t.Fatal(err)
		}
		h.catalog.Store(dear)
		if _, err := h.ImprovePrompt(ctx, account, "fail", "", studio.Help{}); err == nil {
			t.Error("a failure has no error")
		}
		h.expect(150, 0)
		if got, err := h.ImprovePrompt(ctx, account, "a lake", "", studio.Help{Seed: &seed}); err != nil || got.Tokens != 4 {
			t.Errorf("%+v %v", got, err)
		}
		h.expect(146, 0)
	})
}
