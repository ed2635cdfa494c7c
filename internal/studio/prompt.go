package studio

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/ledger"
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

// ImprovePrompt gives a richer prompt that keeps what was asked for. Instructions may be
// empty, the seed nil for a random one.
func (s *Studio) ImprovePrompt(ctx context.Context, account, prompt, instructions string, seed *int64) (Suggestion, error) {
	prompt, instructions = strings.TrimSpace(prompt), strings.TrimSpace(instructions)
	if n := utf8.RuneCountInString(prompt); n < 1 || n > MaxPrompt {
		return Suggestion{}, invalid("prompt", fmt.Sprintf("%d characters", n), "1 to 1500 characters")
	}
	if n := utf8.RuneCountInString(instructions); n > MaxPrompt {
		return Suggestion{}, invalid("instructions", fmt.Sprintf("%d characters", n), "up to 1500 characters")
	}
	return s.suggest(ctx, account, improveFeature, seed, func(p engine.Prompter, seed int64) (string, error) {
		return p.Improve(prompt, instructions, seed)
	})
}

// RandomPrompt gives a prompt that an engine here draws well; the seed is nil for a random one.
func (s *Studio) RandomPrompt(ctx context.Context, account string, seed *int64) (Suggestion, error) {
	return s.suggest(ctx, account, randomFeature, seed, func(p engine.Prompter, seed int64) (string, error) {
		return p.Random(seed), nil
	})
}

// suggest asks the first engine that helps with prompts, and then charges where the
// catalog has a price: what could not be made costs nothing (T19).
func (s *Studio) suggest(ctx context.Context, account, feature string, seed *int64, ask func(engine.Prompter, int64) (string, error)) (Suggestion, error) {
	helper, ok := s.prompter()
	if !ok {
		return Suggestion{}, &NotInstalled{"operation", feature, "no engine of this installation helps with prompts"}
	}
	out := Suggestion{}
	switch {
	case seed == nil:
		out.Seed = randomSeed()
	case *seed < 0 || *seed > MaxSeed:
		return out, invalid("seed", *seed, "0 to 9999999998")
	default:
		out.Seed = *seed
	}
	text, err := ask(helper, out.Seed)
	if err != nil {
		return out, fmt.Errorf("helping with a prompt: %w", err)
	}
	if runes := []rune(strings.TrimSpace(text)); len(runes) > MaxPrompt {
		text = strings.TrimSpace(string(runes[:MaxPrompt]))
	}
	out.Prompt = text
	out.Tokens, err = s.chargeFor(ctx, account, feature)
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
func (s *Studio) chargeFor(ctx context.Context, account, feature string) (int64, error) {
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
	_, err = s.Ledger.Submit(ctx, ledger.Request{Account: account, Request: token.Request{At: now, Command: token.Charge{
		ID: jobID(account, ""), Tokens: p.Price.Tokens, Feature: p.Price.Feature, FastOnly: p.Price.FastOnly, Lines: p.Price.Lines,
	}}})
	return p.Price.Tokens, err
}
