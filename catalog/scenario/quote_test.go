package scenario_test

import (
	"bytes"
	"testing"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/catalog/scenario"
	"github.com/florin-studio/florin/token"
	"pgregory.net/rapid"
)

// TestQuoteIsCharge: what the catalog asks for a request is what a hold of it holds, what
// settling it charges, and what a charge in one step takes.
func TestQuoteIsCharge(t *testing.T) {
	t.Parallel()
	const allowance, at = 60000, token.Instant(1_777_600_000_000)
	c := catalog.Default()
	var pipelines, operations []string
	for _, p := range c.Pipelines() {
		pipelines = append(pipelines, p.ID)
	}
	for _, o := range c.Operations() {
		operations = append(operations, o.ID)
	}
	rapid.Check(t, func(t *rapid.T) {
		var req catalog.Request
		if rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
			req.Operation = rapid.SampledFrom(operations).Draw(t, "operation")
		} else {
			req = catalog.Request{
				Pipeline: rapid.SampledFrom(pipelines).Draw(t, "pipeline"), Images: rapid.IntRange(1, 8).Draw(t, "images"),
				Width: 8 * rapid.IntRange(4, 192).Draw(t, "width"), Height: 8 * rapid.IntRange(4, 192).Draw(t, "height"),
				Steps: rapid.IntRange(1, 60).Draw(t, "steps"), References: rapid.IntRange(0, 4).Draw(t, "references"), Elements: rapid.IntRange(0, 4).Draw(t, "elements"),
			}
		}
		price, err := c.Price(req, at)
		if err != nil {
			t.Skip("not a request that has a price")
		}
		sum := int64(0)
		for _, l := range price.Lines {
			sum += l.Tokens
		}
		if sum != price.Tokens || price.Tokens < 1 {
			t.Fatalf("%+v: %d tokens, lines of %d", req, price.Tokens, sum)
		}
		look := func(balance, held int64) scenario.Step {
			return scenario.Step{At: moment(at), Account: scenario.Main, Expect: &scenario.Expectation{Balance: &balance, Held: &held}}
		}
		result := scenario.Run(c, scenario.Scenario{Name: "quote", Plan: "maestro", Steps: []scenario.Step{
			{At: moment(at), Account: scenario.Main, Hold: &scenario.Hold{ID: "a", Request: &req}},
			look(allowance-price.Tokens, price.Tokens),
			{At: moment(at), Account: scenario.Main, Settle: &scenario.Settle{ID: "a"}},
			look(allowance-price.Tokens, 0),
			{At: moment(at), Account: scenario.Main, Charge: &scenario.Hold{ID: "b", Request: &req}},
			look(allowance-2*price.Tokens, 0),
		}})
		if !result.OK() {
			var text bytes.Buffer
			if err := result.Write(&text); err != nil {
				t.Fatal(err)
			}
			t.Fatalf("%+v costs %d\n%s", req, price.Tokens, text.String())
		}
	})
}

func moment(at token.Instant) catalog.Moment { return catalog.Moment{Instant: at} }
