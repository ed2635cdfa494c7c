package studio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
)

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
	spec, err := s.specOf(&sub)
	if err != nil {
		return Job{}, err
	}
	id := jobID(account, sub.Key)
	if sub.Key != "" {
		if first, err := s.Job(ctx, account, id); err == nil {
			return first, sameJob(first.Spec, spec)
		} else if !errors.Is(err, ErrUnknown) {
			return Job{}, err
		}
	}
	if s.queueFull() {
		return Job{}, &ledger.Busy{RetryAfter: busyRetry}
	}
	if err := s.resolve(ctx, account, &sub.Request, &spec); err != nil {
		return Job{}, err
	}
	if err := s.canMake(&spec); err != nil {
		return Job{}, err
	}
	p, err := s.promised(ctx, account, sub)
	if err != nil {
		return Job{}, err
	}
	j := s.newJob(account, id, spec, p)
	if j.Origin = sub.Origin; sub.APIKey != nil {
		j.APIKey = sub.APIKey.ID
	}
	raw, err := json.Marshal(j.Spec)
	if err != nil {
		return Job{}, err
	}
	hold := token.TakeHold{ID: id, Tokens: p.Price.Tokens, Feature: p.Price.Feature, FastOnly: p.Price.FastOnly, Lines: p.Price.Lines}
	receipt, err := s.Ledger.Submit(ctx, ledger.Request{
		Account: account,
		Request: token.Request{At: j.Created, Command: hold},
		Side: func(ctx context.Context, tx *store.Tx, receipt *token.Receipt) error {
			if err := s.insertJob(ctx, tx, &j, string(raw), receipt); err != nil || sub.APIKey == nil || j.Lane == token.Relaxed {
				return err
			}
			return identity.Spend(ctx, tx, sub.APIKey, account, j.ID, j.Price, j.Created)
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
		return first, sameJob(first.Spec, spec)
	}
	s.enqueue(&j, receipt.Account.Facts.Plan)
	s.addLive(&j)
	s.publish(j)
	return j, nil
}

// canMake refuses what has a price but no engine here that does it, so that nobody pays for nothing.
func (s *Studio) canMake(spec *Spec) error {
	missing := s.lacks(spec.Needs())
	if missing == nil {
		return nil
	}
	switch missing.Field {
	case "pipeline":
	case "width", "height":
		return invalid(missing.Field, missing.Value, missing.How)
	default:
		return missing
	}
	var ids []string
	for _, p := range s.Catalog().Pipelines() {
		if s.Makes(p.ID) {
			ids = append(ids, p.ID)
		}
	}
	return &token.Invalid{Field: "pipeline", Value: spec.Pipeline, Allowed: "what an engine here paints: " + strings.Join(ids, ", ")}
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

func (s *Studio) newJob(account, id string, spec Spec, p promise) Job {
	j := Job{Account: account, ID: id, Spec: spec, Status: Queued, Price: p.Price.Tokens, Created: s.now(), Pictures: []Picture{}}
	j.Updated = j.Created
	j.Spec.Prices = p.Prices
	if spec.Random {
		j.Spec.Seed = randomSeed()
	}
	return j
}

// randomSeed draws a seed that any engine takes.
func randomSeed() int64 {
	u := uuid.New()
	return int64(uint64(u[0])<<24|uint64(u[1])<<16|uint64(u[2])<<8|uint64(u[3])) % (MaxSeed + 1)
}

// openJobs counts what an account has waiting or running.
const openJobs = `SELECT COUNT(*) FROM jobs WHERE account = $1 AND finished = 0`

// insertJob writes the job in the transaction that holds its price, unless the account
// has as many open jobs as its plan allows: one statement, and so one round trip.
func (s *Studio) insertJob(ctx context.Context, tx *store.Tx, j *Job, spec string, receipt *token.Receipt) error {
	most := int64(s.planOf(receipt.Account.Facts.Plan).Limits.Pending)
	j.Lane = receipt.Entry.Hold.Lane
	rows, err := tx.Exec(ctx, `INSERT INTO jobs (account, id, spec, status, lane, plan, feature, model, price, settled, attempt, reason, engine, progress, made, created, started, finished, updated, moved, worker, lease, cancel, api_key, origin)
		SELECT $1, $2, $3, 'queued', $4, $5, $6, $7, $8, 0, 0, '', '', 0, 0, $9, 0, 0, $9, $9, '', 0, 0, $10, $11 WHERE (`+openJobs+`) < $12`,
		j.Account, j.ID, spec, string(j.Lane), receipt.Account.Facts.Plan, receipt.Entry.Hold.Feature, j.Spec.Model, j.Price, int64(j.Created), j.APIKey, j.Origin, most)
	if err != nil || rows == 1 {
		return err
	}
	var waiting int64
	if err := tx.QueryRow(ctx, openJobs, j.Account).Scan(&waiting); err != nil {
		return err
	}
	return &token.Refusal{Reason: token.PendingLimit, Field: "jobs", Value: strconv.FormatInt(waiting+1, 10), Limit: most,
		Allowed: fmt.Sprintf("%d that wait or run at a time on this plan", most)}
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
