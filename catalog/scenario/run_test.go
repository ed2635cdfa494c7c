package scenario_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/catalog/scenario"
)

// ExampleRun shows a story that comes true, and one that does not.
func ExampleRun() {
	stories, err := scenario.Parse("stories.yaml", []byte(`
name: half of a job is paid
steps:
  - {at: "2026-05-01T10:00:00Z", hold: {id: a, tokens: 100}}
  - {at: "2026-05-01T10:05:00Z", settle: {id: a, tokens: 60}}
  - {at: "2026-05-01T10:05:00Z", expect: {balance: 90, held: 0}}
---
name: and a wrong guess
steps:
  - {at: "2026-05-01T10:00:00Z", hold: {id: a, tokens: 100}}
  - {at: "2026-05-01T10:00:00Z", expect: {balance: 60, held: 100, grants: [{kind: daily, remaining: 60}]}}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range stories {
		result := scenario.Run(catalog.Default(), s)
		if err := result.Write(os.Stdout); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// ok    half of a job is paid (3 steps)
	// FAIL  and a wrong guess
	//       step 2 (stories.yaml:11), expect at 2026-05-01T10:00:00Z
	//       balance: wanted 60, got 50
	//       grants[0].remaining: wanted 60, got 50
	//       journal of main so far:
	//          1 2026-05-01T10:00:00Z open, balance 150
	//            150 of daily-20260501T100000Z: issued to available (account opened)
	//          2 2026-05-01T10:00:00Z hold {"id":"a","tokens":100}, balance 50
	//            100 of daily-20260501T100000Z: available to held
}

// run plays one story and gives what Write writes.
func run(t *testing.T, text string) (scenario.Result, string) {
	t.Helper()
	stories, err := scenario.Parse("story.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	result := scenario.Run(catalog.Default(), stories[0])
	var out bytes.Buffer
	if err := result.Write(&out); err != nil {
		t.Fatal(err)
	}
	return result, out.String()
}

func TestEachExpectationCanFail(t *testing.T) {
	t.Parallel()
	for expect, says := range map[string]string{
		"balance: 1":                         "balance: wanted 1, got 24900",
		"held: 1":                            "held: wanted 1, got 100",
		"frozen: 1":                          "frozen: wanted 1, got 0",
		"displayed: 1":                       "displayed: wanted 1, got -5100",
		"relaxed_used: 1":                    "relaxed_used: wanted 1, got 30000",
		"owed: 1":                            "owed: wanted 1, got 0",
		"discount: 1":                        "discount: wanted 1, got 0",
		"plan: free":                         `plan: wanted "free", got "artisan"`,
		"scheduled: free":                    `scheduled: wanted "free", got ""`,
		"zone: Asia/Tokyo":                   `zone: wanted "Asia/Tokyo", got "Europe/Rome"`,
		"lane: {a: relaxed}":                 "lane.a: wanted relaxed, got fast",
		"lane: {slow: fast}":                 "lane.slow: wanted fast, got relaxed",
		"lane: {nobody: fast}":               "lane.nobody: wanted fast, got no such hold",
		"cycle_ends: null":                   "cycle_ends: wanted null, got 2026-06-01T10:00:00Z",
		`next_reset: "2026-05-02T00:00:00Z"`: "next_reset: wanted 2026-05-02T00:00:00Z, got 2026-05-01T22:00:00Z",
		"grants: []":                         "grants: wanted 0 grants, got 1 grants: 24900 plan until 2026-06-01T10:00:00Z",
		"grants: [{id: x}]":                  `grants[0].id: wanted "x", got "plan-20260501T100000Z"`,
		"grants: [{kind: daily}]":            `grants[0].kind: wanted "daily", got "plan"`,
		"grants: [{amount: 1}]":              "grants[0].amount: wanted 1, got 25000",
		"grants: [{remaining: 1}]":           "grants[0].remaining: wanted 1, got 24900",
		"grants: [{frozen: 1}]":              "grants[0].frozen: wanted 1, got 0",
		"grants: [{expires: null}]":          "grants[0].expires: wanted null, got 2026-06-01T10:00:00Z",
		`grants: [{starts: "2026-05-02T00:00:00Z"}]`: "grants[0].starts: wanted 2026-05-02T00:00:00Z, got 2026-05-01T10:00:00Z",
		"grants: [{source: luck}]":                   `grants[0].source: wanted "luck", got "cycle started"`,
	} {
		result, text := run(t, `
name: an artisan
plan: artisan
zone: Europe/Rome
steps:
  - {at: "2026-05-01T12:00:00+02:00", hold: {id: a, tokens: 100}}
  - {at: "2026-05-01T12:00:00+02:00", hold: {id: slow, tokens: 30000}}
  - {at: "2026-05-01T12:00:00+02:00", expect: {`+expect+`}}
`)
		if result.OK() || result.Step != 3 || result.Kind != "expect" || !strings.Contains(text, "      "+says+"\n") ||
			!strings.HasPrefix(text, "FAIL  an artisan\n      step 3 (story.yaml:8), expect at 2026-05-01T10:00:00Z\n") || !strings.Contains(text, "journal of main so far") {
			t.Errorf("%s: want %q, got\n%s", expect, says, text)
		}
	}
}

func TestRefusalsAreCompared(t *testing.T) {
	t.Parallel()
	for step, says := range map[string]string{
		"hold: {id: a, tokens: 151}":                               "refused: wanted nothing, got insufficient_tokens: costs 151, balance is 150",
		"hold: {id: a, tokens: 150}, refused: insufficient_tokens": "refused: wanted insufficient_tokens, got nothing",
		"hold: {id: a, tokens: 151}, refused: plan_required":       "refused: wanted plan_required, got insufficient_tokens",
		"hold: {id: a, request: {pipeline: alchemy}}":              "refused: wanted nothing, got plan_required",
		"hold: {id: a, request: {pipeline: nothing}}":              "refused: wanted nothing, got malformed: pipeline",
		"hold: {id: \"\", tokens: 5}, refused: invalid_amount":     "refused: wanted invalid_amount, got malformed: id",
		"account: b, open: {plan: gold}":                           "refused: wanted nothing, got unknown_plan",
		"open: {plan: free}, account: main":                        "",
		"catalog: {plans: [{id: gold}]}":                           "catalog: wanted a catalog without faults, got story.yaml:4:",
	} {
		_, text := run(t, "name: refusals\nsteps:\n\n  - {at: \"2026-05-01T10:00:00Z\", "+step+"}\n")
		if !strings.Contains(text, says) || (says == "") != strings.HasPrefix(text, "ok ") {
			t.Errorf("%s: want %q, got\n%s", step, says, text)
		}
	}
}

func TestFaultsOfStories(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"":                               "the file is empty",
		"steps: []":                      "name: is missing",
		"name: x":                        "steps: is missing",
		"name: x\nsteps: [{expect: {}}]": "story.yaml:2:9: steps[0].at: is missing",
		"name: x\nsteps: [{at: noon, expect: {}}]":                                                                              `story.yaml:2:14: steps[0].at: "noon" is not valid; allowed: a date and time`,
		"name: x\nsteps: [{at: \"2026-05-01T10:00:00Z\"}]":                                                                      "has 0 kinds of step; allowed: exactly one of open, hold, charge, settle",
		"name: x\nsteps: [{at: \"2026-05-01T10:00:00Z\", release: {id: a}, settle: {id: a}}]":                                   "has 2 kinds of step",
		"name: x\nsteps: [{at: \"2026-05-01T10:00:00Z\", hold: {id: a}}]":                                                       "steps[0].hold: has neither or both of tokens and request",
		"name: x\nsteps: [{at: \"2026-05-01T10:00:00Z\", charge: {id: a, tokens: 1, expires_in: 1h}}]":                          "only with hold",
		"name: x\nsteps: [{at: \"2026-05-01T10:00:00Z\", hold: {id: a, tokens: 1}, refused: never}]":                            "steps[0].refused: \"never\" is not valid; allowed: insufficient_tokens, plan_required",
		"name: x\nsteps: [{at: \"2026-05-01T10:00:00Z\", expect: {balanse: 1}}]":                                                "is an unknown key, did you mean balance?",
		"name: x\nsteps: [{at: \"2026-05-01T10:00:00Z\", expect: {balance: 1}, refused: same_plan}]":                            "asks nothing of an account",
		"name: x\nsteps: [{at: \"2026-05-01T10:00:00Z\", expect: {lane: {a: express}}}]":                                        "steps[0].expect.lane.a: \"express\" is not valid; allowed: fast, relaxed",
		"name: x\nsteps: [{at: \"2026-05-01T10:00:00Z\", grant: {kind: loan, tokens: 1}}]":                                      "steps[0].grant.kind: \"loan\" is not valid; allowed: daily, plan",
		"name: x\nsteps: [{at: \"2026-05-01T10:00:00Z\", grant: {kind: bonus, tokens: 1.5}}]":                                   "steps[0].grant.tokens: \"1.5\" is not valid; allowed: a whole number",
		"name: x\nsteps: [{at: \"2026-05-01T10:00:00Z\", expect: {}}]\n---\nname: y\nsteps: [{at: \"2026-05-01\", expect: {}}]": "story.yaml:5:14: steps[0].at",
	} {
		_, err := scenario.Parse("story.yaml", []byte(text))
		var faults catalog.Faults
		if !errors.As(err, &faults) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: want %q, got %v", text, says, err)
		}
	}
}

// TestBareSteps: steps that have nothing to say may be written in three ways.
func TestBareSteps(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"{}", "true", "null", ""} {
		if _, text := run(t, "name: bare\nplan: artisan\nsteps:\n  - at: \"2026-05-01T10:00:00Z\"\n    cancel_plan: "+value+"\n"+
			"  - {at: \"2026-05-01T10:00:00Z\", expect: {scheduled: free}}\n"); !strings.HasPrefix(text, "ok ") {
			t.Errorf("%q: %s", value, text)
		}
	}
}

// FuzzParse wants every text read or refused with faults that have a place, and every
// story that is read played without a panic.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("../testdata/scenarios/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, story := range bytes.Split(text, []byte("\n---\n"))[:3] {
			f.Add(story)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		stories, err := scenario.Parse("fuzz.yaml", text)
		var faults catalog.Faults
		if err != nil {
			if !errors.As(err, &faults) || len(faults) == 0 || faults[0].Line < 1 || faults[0].Column < 1 {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		for _, s := range stories {
			result := scenario.Run(catalog.Default(), s)
			var out bytes.Buffer
			if err := result.Write(&out); err != nil || out.Len() == 0 {
				t.Fatal(err)
			}
		}
	})
}
