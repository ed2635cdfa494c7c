package client_test

import (
	"bytes"
	"fmt"
	"image/png"
	"testing"

	"github.com/florin-studio/florin/client"
)

// A person's key makes a picture, once, and takes it away again.
func TestTheStudio(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), client.New(server.URL, server.ada)
	q, err := c.Quote(ctx, "", client.Request{Pipeline: "default", Images: 2, Width: 64, Height: 64})
	if err != nil || q.Tokens != 2 || !q.Covered {
		t.Fatalf("%+v %v", q, err)
	}
	wanted := client.NewJob{Pipeline: "default", Prompt: "a lake", Images: 2, Width: 64, Height: 64, Quote: q.ID}
	j, err := c.CreateJob(ctx, wanted, client.Key("once"))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := c.CreateJob(ctx, wanted, client.Key("once")); err != nil || again.ID != j.ID {
		t.Errorf("%+v %v", again, err)
	}
	if j, err = c.Wait(ctx, j.ID); err != nil || j.Status != "complete" || j.Settled != 2 || len(j.Pictures) != 2 {
		t.Fatalf("%+v %v", j, err)
	}
	var file bytes.Buffer
	if err := c.Download(ctx, j.Pictures[0], &file); err != nil {
		t.Fatal(err)
	}
	if img, err := png.Decode(bytes.NewReader(file.Bytes())); err != nil || img.Bounds().Dx() != 64 {
		t.Errorf("%v %v", img, err)
	}
	collected(t, c, j.Pictures[0], file.Bytes())
	pictures, next, err := c.Pictures(ctx, "", 1)
	if err != nil || len(pictures) != 1 || next == "" {
		t.Errorf("%+v %q %v", pictures, next, err)
	}
	if jobs, _, err := c.Jobs(ctx, "", 5); err != nil || len(jobs) != 1 {
		t.Errorf("%+v %v", jobs, err)
	}
	if _, err := c.RetryJob(ctx, j.ID); err == nil {
		t.Error("a complete job was retried")
	}
	if same, err := c.CancelJob(ctx, j.ID); err != nil || same.Status != "complete" {
		t.Errorf("%+v %v", same, err)
	}
	if err := c.DeleteJob(ctx, j.ID); err != nil {
		t.Error(err)
	}
	if err := c.Download(ctx, j.Pictures[0], &file); !client.Is(err, "not_found") {
		t.Errorf("a picture that is gone: %v", err)
	}
}

// collected puts a picture into a dataset, as a file and as a copy, and takes all away again.
func collected(t *testing.T, c *client.Client, p client.Picture, data []byte) {
	t.Helper()
	ctx := t.Context()
	set, err := c.CreateDataset(ctx, client.NewDataset{Name: "lakes"}, client.Key("lakes"))
	if again, failed := c.CreateDataset(ctx, client.NewDataset{Name: "lakes"}, client.Key("lakes")); err != nil || failed != nil || again.ID != set.ID {
		t.Fatalf("%+v %v, %+v %v", set, err, again, failed)
	}
	u, err := c.AddDatasetImage(ctx, set.ID, "a lake.png", data)
	if err != nil || u.Name != "a lake.png" || u.Width != 64 {
		t.Fatalf("%+v %v", u, err)
	}
	if copied, err := c.CopyToDataset(ctx, set.ID, p.ID); err != nil || copied.ID == u.ID || copied.Kind != "dataset" {
		t.Errorf("%+v %v", copied, err)
	}
	if images, next, err := c.DatasetImages(ctx, set.ID, "", 1); err != nil || len(images) != 1 || next == "" || images[0].ID == u.ID {
		t.Errorf("%+v %q %v", images, next, err)
	}
	if err := c.DeleteDatasetImage(ctx, set.ID, u.ID); err != nil {
		t.Error(err)
	}
	if all, _, err := c.Datasets(ctx, "", 5); err != nil || len(all) != 1 || all[0].Images != 1 {
		t.Errorf("%+v %v", all, err)
	}
	if err := c.DeleteDataset(ctx, set.ID); err != nil {
		t.Error(err)
	}
	if _, err := c.Dataset(ctx, set.ID); !client.Is(err, client.NotFound) {
		t.Errorf("a dataset that is gone: %v", err)
	}
}

// A service key prices for the account that it names, and lists what it opened.
func TestQuotesAndAccounts(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), client.New(server.URL, server.key)
	for i := range 2 {
		if _, err := c.OpenAccount(ctx, client.NewAccount{ExternalID: fmt.Sprint("quoted ", i)}); err != nil {
			t.Fatal(err)
		}
	}
	if q, err := c.Quote(ctx, client.External("quoted 1"), client.Request{Pipeline: "default"}); err != nil || q.Tokens != 1 || q.Balance != 150 {
		t.Errorf("%+v %v", q, err)
	}
	seen := 0
	for cursor := ""; ; {
		accounts, next, err := c.Accounts(ctx, cursor, 1)
		if err != nil {
			t.Fatal(err)
		}
		seen += len(accounts)
		if cursor = next; next == "" {
			break
		}
	}
	if seen < 2 {
		t.Errorf("%d accounts", seen)
	}
}
