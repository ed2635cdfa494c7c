package studio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
)

// Submission asks for pictures.
type Submission struct {
	// Quote binds the price (P6); empty charges the price of now.
	Quote string
	// Key makes a repeat of the submission return the first job (T17); empty for none.
	Key string
	// Request is what is priced; Prompt, NegativePrompt and Seed are not.
	Request        catalog.Request
	Prompt         string
	NegativePrompt string
	// Seed of the first picture, or nil for a random one.
	Seed *int64
}

// Bounds of what may be asked for.
const (
	MaxPrompt = 1500
	MaxSeed   = 9999999998
)

func (s *Submission) check() error {
	if n := utf8.RuneCountInString(strings.TrimSpace(s.Prompt)); n < 1 || n > MaxPrompt {
		return &token.Invalid{Field: "prompt", Value: fmt.Sprintf("%d characters", n), Allowed: "1 to 1500 characters"}
	}
	if n := utf8.RuneCountInString(s.NegativePrompt); n > MaxPrompt {
		return &token.Invalid{Field: "negative_prompt", Value: fmt.Sprintf("%d characters", n), Allowed: "up to 1500 characters"}
	}
	if s.Seed != nil && (*s.Seed < 0 || *s.Seed > MaxSeed) {
		return &token.Invalid{Field: "seed", Value: strconv.FormatInt(*s.Seed, 10), Allowed: "0 to 9999999998"}
	}
	if len(s.Key) > 200 {
		return &token.Invalid{Field: "Idempotency-Key", Value: s.Key[:20] + "…", Allowed: "1 to 200 bytes"}
	}
	return nil
}

// normal writes out what missing numbers stand for, so that equal requests look equal.
func normal(r catalog.Request) catalog.Request {
	if r.Images == 0 {
		r.Images = 1
	}
	if r.Width == 0 {
		r.Width = 768
	}
	if r.Height == 0 {
		r.Height = 768
	}
	return r
}

// jobID makes a job's id: random, or derived from the caller's key so that a repeat finds the first job.
func jobID(account, key string) string {
	if key == "" {
		return uuid.Must(uuid.NewV7()).String()
	}
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte("job\n"+account+"\n"+key)).String()
}

// Submit holds the price and puts the job into the queue, in one commit (T14). It
// refuses what the plan, the balance or the limits don't allow, and then nothing has
// changed (T16, T19).
func (s *Studio) Submit(ctx context.Context, account string, sub Submission) (Job, error) {
	if err := sub.check(); err != nil {
		return Job{}, err
	}
	sub.Request = normal(sub.Request)
	id := jobID(account, sub.Key)
	if sub.Key != "" {
		if first, err := s.Job(ctx, account, id); err == nil {
			return first, sameJob(first, sub)
		} else if !errors.Is(err, ErrUnknown) {
			return Job{}, err
		}
	}
	if s.queueFull() {
		return Job{}, &ledger.Busy{RetryAfter: busyRetry}
	}
	if err := s.canMake(sub.Request); err != nil {
		return Job{}, err
	}
	p, err := s.promised(ctx, account, sub)
	if err != nil {
		return Job{}, err
	}
	j := s.newJob(account, id, sub, p)
	spec, err := json.Marshal(j.Spec)
	if err != nil {
		return Job{}, err
	}
	hold := token.TakeHold{ID: id, Tokens: p.Price.Tokens, Feature: p.Price.Feature, FastOnly: p.Price.FastOnly, Lines: p.Price.Lines}
	receipt, err := s.Ledger.Submit(ctx, ledger.Request{
		Account: account,
		Request: token.Request{At: j.Created, Command: hold},
		Side: func(ctx context.Context, tx *store.Tx, receipt *token.Receipt) error {
			return s.insertJob(ctx, tx, &j, string(spec), receipt)
		},
	})
	if err != nil {
		return Job{}, err
	}
	if receipt.Replayed {
		first, err := s.Job(ctx, account, id)
		if err != nil {
			return Job{}, err
		}
		return first, sameJob(first, sub)
	}
	s.enqueue(&j, receipt.Account.Facts.Plan)
	s.addLive(&j)
	s.publish(j)
	return j, nil
}

// Makes tells whether any engine paints a pipeline.
func (s *Studio) Makes(pipeline string) bool {
	return slices.ContainsFunc(s.Engines, func(e engine.Engine) bool {
		d := e.Describe()
		return len(d.Pipelines) == 0 || slices.Contains(d.Pipelines, pipeline)
	})
}

// canMake refuses what has a price but no engine here that does it, so that nobody pays for nothing.
func (s *Studio) canMake(r catalog.Request) error {
	if !s.Makes(r.Pipeline) {
		var ids []string
		for _, p := range s.Catalog().Pipelines() {
			if s.Makes(p.ID) {
				ids = append(ids, p.ID)
			}
		}
		return &token.Invalid{Field: "pipeline", Value: r.Pipeline, Allowed: "what an engine here paints: " + strings.Join(ids, ", ")}
	}
	if r.PromptMagic != "" && !slices.ContainsFunc(s.Engines, func(e engine.Engine) bool { return e.Describe().PromptMagic }) {
		return &token.Invalid{Field: "prompt_magic", Value: r.PromptMagic, Allowed: "nothing: no engine of this installation has it"}
	}
	return nil
}

// promised is what a submission costs: what its quote says, or the price of now.
func (s *Studio) promised(ctx context.Context, account string, sub Submission) (promise, error) {
	now := s.now()
	if sub.Quote != "" {
		return s.unseal(sub.Quote, account, sub.Request, now)
	}
	a, err := s.Ledger.Account(ctx, account, now)
	if err != nil {
		return promise{}, err
	}
	return s.price(s.Catalog(), sub.Request, a.Facts.Plan, now)
}

func (s *Studio) newJob(account, id string, sub Submission, p promise) Job {
	r := sub.Request
	j := Job{Account: account, ID: id, Status: Queued, Price: p.Price.Tokens, Created: s.now(), Pictures: []Picture{}}
	j.Updated = j.Created
	j.Spec = Spec{
		Pipeline: r.Pipeline, Prompt: strings.TrimSpace(sub.Prompt), NegativePrompt: strings.TrimSpace(sub.NegativePrompt),
		Width: r.Width, Height: r.Height, Images: r.Images, Steps: r.Steps, Model: r.Model, PromptMagic: r.PromptMagic, Prices: p.Prices,
	}
	if sub.Seed != nil {
		j.Spec.Seed = *sub.Seed
	} else {
		j.Spec.Seed, j.Spec.Random = randomSeed(), true
	}
	return j
}

// randomSeed draws a seed that any engine takes.
func randomSeed() int64 {
	u := uuid.New()
	return int64(uint64(u[0])<<24|uint64(u[1])<<16|uint64(u[2])<<8|uint64(u[3])) % (MaxSeed + 1)
}

// insertJob writes the job in the transaction that holds its price, unless the account
// has as many open jobs as its plan allows.
func (s *Studio) insertJob(ctx context.Context, tx *store.Tx, j *Job, spec string, receipt *token.Receipt) error {
	limits := s.planOf(receipt.Account.Facts.Plan).Limits
	var open int64
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM jobs WHERE account = $1 AND status IN ('queued', 'running')`, j.Account).Scan(&open); err != nil {
		return err
	}
	if most := int64(limits.Pending); open >= most {
		return &token.Refusal{Reason: token.PendingLimit, Field: "jobs", Value: strconv.FormatInt(open+1, 10), Limit: most,
			Allowed: fmt.Sprintf("%d that wait or run at a time on this plan", most)}
	}
	j.Lane = receipt.Entry.Hold.Lane
	_, err := tx.Exec(ctx, `INSERT INTO jobs (account, id, spec, status, lane, plan, feature, model, price, settled, attempt, reason, engine, progress, made, created, started, finished, updated, worker, lease, cancel)
		VALUES ($1, $2, $3, 'queued', $4, $5, $6, $7, $8, 0, 0, '', '', 0, 0, $9, 0, 0, $9, '', 0, 0)`,
		j.Account, j.ID, spec, string(j.Lane), receipt.Account.Facts.Plan, receipt.Entry.Hold.Feature, j.Spec.Model, j.Price, int64(j.Created))
	return err
}

// sameJob tells whether a repeated submission asks for what the first one did (T17).
func sameJob(first Job, sub Submission) error {
	was, r := first.Spec, sub.Request
	conflict := func(field string, is, was any) error {
		return &token.Refusal{Reason: token.IdempotencyConflict, Field: field, Value: fmt.Sprint(is), Allowed: fmt.Sprint(was)}
	}
	switch {
	case was.Prompt != strings.TrimSpace(sub.Prompt):
		return conflict("prompt", sub.Prompt, was.Prompt)
	case was.NegativePrompt != strings.TrimSpace(sub.NegativePrompt):
		return conflict("negative_prompt", sub.NegativePrompt, was.NegativePrompt)
	case was.Pipeline != r.Pipeline:
		return conflict("pipeline", r.Pipeline, was.Pipeline)
	case was.Images != r.Images:
		return conflict("images", r.Images, was.Images)
	case was.Width != r.Width || was.Height != r.Height:
		return conflict("size", fmt.Sprintf("%d×%d", r.Width, r.Height), fmt.Sprintf("%d×%d", was.Width, was.Height))
	case was.Steps != r.Steps:
		return conflict("steps", r.Steps, was.Steps)
	case was.Model != r.Model:
		return conflict("model", r.Model, was.Model)
	case was.PromptMagic != r.PromptMagic:
		return conflict("prompt_magic", r.PromptMagic, was.PromptMagic)
	case sub.Seed == nil && !was.Random:
		return conflict("seed", "random", was.Seed)
	case sub.Seed != nil && (was.Random || *sub.Seed != was.Seed):
		return conflict("seed", *sub.Seed, was.Seed)
	}
	return nil
}

// planOf is what a plan gives; a plan that the catalog dropped is treated like the default one.
func (s *Studio) planOf(id string) catalog.Plan {
	c := s.Catalog()
	p, ok := c.Plan(id)
	if !ok {
		p, _ = c.Plan(c.DefaultPlan())
	}
	return p
}
