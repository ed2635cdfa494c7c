package scenario

import (
	"errors"
	"fmt"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/token"
)

// runner plays one scenario.
type runner struct {
	c    *catalog.Catalog
	s    *Scenario
	book token.Book
	// order lists accounts as they were opened; lanes are by account and hold.
	order []string
	lanes map[string]map[string]token.Lane
}

// Run plays a scenario against a catalog. It stops at the first step that differs.
func Run(c *catalog.Catalog, s Scenario) Result {
	result := Result{Name: s.Name, File: s.File, Line: s.Line, Steps: len(s.Steps)}
	r := &runner{c: c, s: &s, lanes: map[string]map[string]token.Lane{}}
	if s.Catalog != nil {
		if result.Differences = r.change(s.Catalog); len(result.Differences) > 0 {
			return result
		}
	}
	for i := range s.Steps {
		step := &s.Steps[i]
		result.Differences = r.step(i, step)
		if len(result.Differences) > 0 {
			result.Step, result.StepLine, result.At = i+1, step.Line, step.At.Instant
			result.Kind = step.kinds()[0]
			break
		}
	}
	for _, account := range r.order {
		result.Journals = append(result.Journals, Journal{Account: account, Entries: r.book.Journal(account)})
	}
	return result
}

// step plays one step and tells what differs.
func (r *runner) step(i int, s *Step) []Difference {
	if i == 0 && s.Account != Main {
		if err := r.open(Main, s.At.Instant, token.Open{Plan: r.s.Plan, Zone: r.s.Zone}); err != nil {
			return unexpected(s, err)
		}
	}
	if _, known := r.book.Account(s.Account); !known && s.Open == nil {
		if err := r.open(s.Account, s.At.Instant, token.Open{Plan: r.s.Plan, Zone: r.s.Zone}); err != nil {
			return unexpected(s, err)
		}
	}
	if s.Catalog != nil {
		return r.change(s.Catalog)
	}
	if s.Expect != nil {
		a, _ := r.book.Account(s.Account)
		rules := r.c.Rules()
		rolled := rules.Roll(a, s.At.Instant)
		return s.Expect.compare(rules, &rolled, r.lanes[s.Account])
	}
	return unexpected(s, r.act(i, s))
}

// change puts a changed catalog in the place of the running one (T25).
func (r *runner) change(o *catalog.Overlay) []Difference {
	changed, err := r.c.With(o)
	if err != nil {
		return []Difference{{"catalog", "a catalog without faults", err.Error()}}
	}
	r.c = changed
	return nil
}

// unexpected compares what came of a command with what had to.
func unexpected(s *Step, err error) []Difference {
	var c comparer
	var refusal *token.Refusal
	switch {
	case errors.As(err, &refusal):
		if refusal.Reason != s.Refused.Reason {
			c.differ("refused", orNothing(s.Refused), refusal.Error())
		}
	case err != nil:
		c.differ("refused", orNothing(s.Refused), "malformed: "+err.Error())
	default:
		c.differ("refused", orNothing(s.Refused), "nothing")
	}
	return c
}

func orNothing(r Reason) string {
	if r.Reason == "" {
		return "nothing"
	}
	return string(r.Reason)
}

func (r *runner) open(account string, at token.Instant, c token.Open) error {
	_, err := r.book.Submit(r.c.Rules(), account, token.Request{Key: "open", At: at, Command: c})
	if err == nil {
		r.order = append(r.order, account)
	}
	return err
}

// act gives a step's command to the book.
func (r *runner) act(i int, s *Step) error {
	key := s.Key
	if key == "" {
		key = fmt.Sprintf("step-%d", i+1)
	}
	if s.Open != nil {
		return r.open(s.Account, s.At.Instant, token.Open{Plan: s.Open.Plan, Zone: s.Open.Zone})
	}
	req := token.Request{Key: key, At: s.At.Instant}
	if g := s.Gift; g != nil {
		send := token.SendGift{ID: g.ID, To: g.To, Tokens: g.Tokens}
		if send.ID == "" {
			send.ID = key
		}
		_, err := r.book.Transfer(r.c.Rules(), s.Account, send, req)
		return err
	}
	command, err := r.command(s)
	if err != nil {
		return err
	}
	req.Command = command
	receipt, err := r.book.Submit(r.c.Rules(), s.Account, req)
	if err == nil {
		r.remember(s.Account, receipt.Entry)
	}
	return err
}

// command translates a step.
func (r *runner) command(s *Step) (token.Command, error) {
	switch {
	case s.Hold != nil:
		return r.hold(s)
	case s.Charge != nil:
		hold, err := r.hold(s)
		return token.Charge{ID: hold.ID, Tokens: hold.Tokens, Feature: hold.Feature, FastOnly: hold.FastOnly, Lines: hold.Lines}, err
	case s.Settle != nil:
		return token.Settle{ID: s.Settle.ID, Tokens: s.Settle.Tokens}, nil
	case s.Release != nil:
		return token.Release{ID: s.Release.ID}, nil
	case s.Refund != nil:
		return token.Refund{ID: s.Refund.ID, Tokens: s.Refund.Tokens, Reason: "refund"}, nil
	case s.Grant != nil:
		g := s.Grant
		return token.MakeGrant{ID: g.ID, Kind: token.Kind(g.Kind), Tokens: g.Tokens, Starts: g.Starts.Instant, Expires: g.Expires.Instant, Source: "scenario"}, nil
	case s.ChangePlan != nil:
		return token.ChangePlan{To: s.ChangePlan.To}, nil
	case s.CancelPlan != nil:
		return token.CancelPlan{}, nil
	case s.UndoPlanChange != nil:
		return token.UndoPlanChange{}, nil
	case s.Adjust != nil:
		return token.Adjust{Tokens: s.Adjust.Tokens, Reason: s.Adjust.Reason, By: s.Adjust.By}, nil
	case s.Zone != nil:
		return token.SetZone{To: s.Zone.To}, nil
	case s.Dispute != nil:
		return token.Dispute{Grant: s.Dispute.Grant, State: token.DisputeState(s.Dispute.State)}, nil
	}
	return token.Redeem{Code: s.Redeem.Code}, nil
}

// hold prices a hold or a charge. A request is refused where the plan does not have it (P8).
func (r *runner) hold(s *Step) (token.TakeHold, error) {
	h := s.Hold
	if h == nil {
		h = s.Charge
	}
	command := token.TakeHold{ID: h.ID, ExpiresIn: int64(h.ExpiresIn), FastOnly: h.FastOnly}
	if h.Tokens != nil {
		command.Tokens = *h.Tokens
		return command, nil
	}
	price, err := r.c.Price(*h.Request, s.At.Instant)
	if err != nil {
		return command, err
	}
	a, _ := r.book.Account(s.Account)
	rolled := r.c.Rules().Roll(a, s.At.Instant)
	if refusal := r.c.Allow(*h.Request, rolled.Facts.Plan); refusal != nil {
		return command, refusal
	}
	command.Tokens, command.Feature, command.Lines = price.Tokens, price.Feature, price.Lines
	command.FastOnly = command.FastOnly || price.FastOnly
	return command, nil
}

// remember notes in which lane a job went, for as long as the scenario lasts.
func (r *runner) remember(account string, e *token.Entry) {
	if e == nil || (e.Hold == nil && e.Kind != "charge") {
		return
	}
	id, lane := "", token.Relaxed
	if e.Hold != nil {
		id, lane = e.Hold.ID, e.Hold.Lane
	} else {
		command, err := token.DecodeCommand(e.Kind, e.Command)
		charge, ok := command.(token.Charge)
		if err != nil || !ok {
			return
		}
		if id = charge.ID; len(e.Postings) > 0 {
			lane = token.Fast
		}
	}
	if r.lanes[account] == nil {
		r.lanes[account] = map[string]token.Lane{}
	}
	r.lanes[account][id] = lane
}
