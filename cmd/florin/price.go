package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

type priceCmd struct {
	Pipeline    string `help:"Pipeline, such as default or alchemy_v2." placeholder:"ID"`
	Operation   string `help:"Operation, such as unzoom, instead of a pipeline." placeholder:"ID"`
	Images      int    `help:"Number of pictures." default:"1"`
	References  int    `help:"Number of reference pictures."`
	Elements    int    `help:"Number of Elements."`
	PromptMagic string `help:"Prompt Magic: v2 or v3." placeholder:"VERSION"`
	Width       int    `help:"Width in pixels." default:"768"`
	Height      int    `help:"Height in pixels." default:"768"`
	Steps       int    `help:"Steps; 0 for the default."`
	Model       string `help:"Model." placeholder:"ID"`
	Plan        string `help:"Refuse what this plan does not include." placeholder:"ID"`
	At          string `help:"Instant of the price (RFC 3339); now by default." placeholder:"TIME"`
}

// Run prints a price's lines and total.
func (c *priceCmd) Run(s *streams) error {
	list, err := s.loadCatalog()
	if err != nil {
		return err
	}
	at := calendar.At(time.Now())
	if c.At != "" {
		if at, err = calendar.ParseInstant(c.At); err != nil {
			return fmt.Errorf("--at: %w", err)
		}
	}
	price, err := c.price(list, at)
	if err != nil {
		return s.refusedJSON(err)
	}
	if s.JSON {
		return s.print(struct {
			Tokens int64        `json:"tokens"`
			Lines  []token.Line `json:"lines"`
		}{price.Tokens, price.Lines})
	}
	for _, l := range price.Lines {
		if _, err := fmt.Fprintf(s.out, "%8d  %s\n", l.Tokens, l.Text); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(s.out, "%8d  tokens\n", price.Tokens)
	return err
}

func (c *priceCmd) price(list *catalog.Catalog, at calendar.Instant) (catalog.Price, error) {
	req := catalog.Request{Pipeline: c.Pipeline, Operation: c.Operation, Images: c.Images, References: c.References, Elements: c.Elements,
		PromptMagic: c.PromptMagic, Width: c.Width, Height: c.Height, Steps: c.Steps, Model: c.Model}
	if c.Operation != "" {
		req.Width, req.Height = 0, 0
	}
	price, err := list.Price(req, at)
	if err != nil || c.Plan == "" {
		return price, err
	}
	if _, ok := list.Plan(c.Plan); !ok {
		return price, &token.Refusal{Reason: token.UnknownPlan, Field: "plan", Value: c.Plan, Allowed: planIDs(list)}
	}
	if refusal := list.Allow(req, c.Plan); refusal != nil {
		return price, errors.Join(refusal)
	}
	return price, nil
}

func planIDs(list *catalog.Catalog) string {
	ids := ""
	for i, p := range list.Plans() {
		if i > 0 {
			ids += ", "
		}
		ids += p.ID
	}
	return ids
}
