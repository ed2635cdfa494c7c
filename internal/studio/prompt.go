package studio

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
)

// The ids under which a catalog may price help with prompts; it is free where it does not.
const (
	improveFeature = "prompt_improve"
	randomFeature  = "prompt_random"
)

// Suggestion is a prompt that an engine offers.
type Suggestion struct {
	Prompt string
	// Seed gives the same suggestion again.
	Seed int64
	// Tokens were charged for it, mostly 0.
	Tokens int64
}

// Help is how help with a prompt is asked for. Its zero value is fine.
type Help struct {
	// Seed gives the same suggestion again; nil is a random one.
	Seed *int64
	// ID makes a repeat cost once; empty for none.
	ID string
	// APIKey is the key that asked, whose own budget pays too; nil for people.
	APIKey *identity.Key
}

// ImprovePrompt gives a richer prompt that keeps what was asked for. Instructions may be
// empty.
func (s *Studio) ImprovePrompt(ctx context.Context, account, prompt, instructions string, h Help) (Suggestion, error) {
	prompt, instructions = strings.TrimSpace(prompt), strings.TrimSpace(instructions)
	if n := utf8.RuneCountInString(prompt); n < 1 || n > MaxPrompt {
		return Suggestion{}, invalid("prompt", fmt.Sprintf("%d characters", n), "1 to 1500 characters")
	}
	if n := utf8.RuneCountInString(instructions); n > MaxPrompt {
		return Suggestion{}, invalid("instructions", fmt.Sprintf("%d characters", n), "up to 1500 characters")
	}
	return s.suggest(ctx, account, improveFeature, h, func(p engine.Prompter, seed int64) (string, error) {
		return p.Improve(prompt, instructions, seed)
	})
}

// RandomPrompt gives a prompt that an engine here draws well.
func (s *Studio) RandomPrompt(ctx context.Context, account string, h Help) (Suggestion, error) {
	return s.suggest(ctx, account, randomFeature, h, func(p engine.Prompter, seed int64) (string, error) {
		return p.Random(seed), nil
	})
}

// suggest asks the first engine that helps with prompts, and then charges where the
// catalog has a price: what could not be made costs nothing (T19).
func (s *Studio) suggest(ctx context.Context, account, feature string, h Help, ask func(engine.Prompter, int64) (string, error)) (Suggestion, error) {
	helper, ok := s.prompter()
	if !ok {
		return Suggestion{}, &NotInstalled{"operation", feature, "no engine of this installation helps with prompts"}
	}
	out := Suggestion{}
	switch {
	case h.Seed == nil:
		out.Seed = randomSeed()
	case *h.Seed < 0 || *h.Seed > MaxSeed:
		return out, invalid("seed", *h.Seed, "0 to 9999999998")
	default:
		out.Seed = *h.Seed
	}
	text, err := ask(helper, out.Seed)
	if err != nil {
		return out, fmt.Errorf("helping with a prompt: %w", err)
	}
	if runes := []rune(strings.TrimSpace(text)); len(runes) > MaxPrompt {
		text = strings.TrimSpace(string(runes[:MaxPrompt]))
	}
	out.Prompt = text
	out.Tokens, err = s.chargeFor(ctx, account, feature, h)
	return out, err
}

func (s *Studio) prompter() (engine.Prompter, bool) {
	for _, e := range s.Engines {
		if p, ok := e.(engine.Prompter); ok {
			return p, true
		}
	}
	return nil, false
}

// chargeFor takes the price of a feature that is done at once, if the catalog has one.
func (s *Studio) chargeFor(ctx context.Context, account, feature string, h Help) (int64, error) {
	priced := false
	for _, o := range s.Catalog().Operations() {
		priced = priced || o.ID == feature
	}
	if !priced {
		return 0, nil
	}
	now := s.now()
	a, err := s.Ledger.Account(ctx, account, now)
	if err != nil {
		return 0, err
	}
	p, err := s.price(s.Catalog(), normal(catalog.Request{Operation: feature}), a.Facts.Plan, now)
	if err != nil || p.Price.Tokens == 0 {
		return 0, err
	}
	id := h.ID
	if id == "" {
		id = jobID(account, "")
	}
	req := ledger.Request{Account: account, Request: token.Request{At: now, Command: token.Charge{
		ID: id, Tokens: p.Price.Tokens, Feature: p.Price.Feature, FastOnly: p.Price.FastOnly, Lines: p.Price.Lines,
	}}}
	if h.APIKey != nil {
		req.Side = func(ctx context.Context, tx *store.Tx, r *token.Receipt) error {
			return identity.Spend(ctx, tx, h.APIKey, account, "", r.Entry.Settled(), now)
		}
	}
	_, err = s.Ledger.Submit(ctx, req)
	return p.Price.Tokens, err
}
