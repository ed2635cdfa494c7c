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
	if img, err := png.Decode(&file); err != nil || img.Bounds().Dx() != 64 {
		t.Errorf("%v %v", img, err)
	}
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
