package studio_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

func TestUsageAddsJobsUp(t *testing.T) {
	each(t, "free", func(t *testing.T, h *house) {
		ctx := context.Background()
		events := h.listen()
		h.work()
		for range 2 {
			j := h.submit(ask(3))
			h.paint(3)
			h.until(events, j.ID, studio.Complete)
		}
		now := calendar.Instant(h.clock.Load())
		want := studio.Use{Day: "2026-03-01", Feature: "default", Plan: "free", Lane: token.Fast, Outcome: studio.Complete, Jobs: 2, Pictures: 6, Tokens: 6}
		for _, who := range []string{account, ""} {
			uses, err := h.Usage(ctx, who, now-1000, now+1)
			if err != nil || len(uses) != 1 || uses[0] != want {
				t.Errorf("%q: %+v %v", who, uses, err)
			}
		}
		if uses, err := h.Usage(ctx, "bob", 0, now+1); err != nil || len(uses) != 0 {
			t.Errorf("bob's: %v %v", uses, err)
		}
		p, err := h.Pace(ctx, account)
		if err != nil || p.Tokens != 6 || p.LastsUntil != nil {
			t.Errorf("6 tokens a week of 150 a day: %+v %v", p, err)
		}
	})
}

func TestStatement(t *testing.T) {
	each(t, "free", func(t *testing.T, h *house) {
		ctx := context.Background()
		h.spend(10)
		var lines, table bytes.Buffer
		if err := h.StatementLines(ctx, &lines, account, studio.StatementFilter{Kinds: []string{"charge"}}); err != nil || strings.Count(lines.String(), "\n") != 1 {
			t.Errorf("%s %v", lines.String(), err)
		}
		if err := h.StatementCSV(ctx, &table, account, studio.StatementFilter{}); err != nil {
			t.Fatal(err)
		}
		rows := strings.Split(strings.TrimSpace(table.String()), "\n")
		if len(rows) != 3 || !strings.HasPrefix(rows[2], "2,2026-03-01T12:00:00Z,charge,,daily-20260301T120000Z,available,spent,10,") {
			t.Errorf("%s", table.String())
		}
		h.spendAs("all", 140)
		alerts, err := h.Alerts(ctx, account)
		if err != nil || len(alerts) != 1 || alerts[0].Kind != token.AllowanceUsed {
			t.Errorf("%+v %v", alerts, err)
		}
	})
}
