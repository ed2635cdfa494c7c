package identity

import (
	"context"
	"errors"
	"fmt"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token/calendar"
)

// OverBudget is a refusal: the key has too little left of its own budget, whatever the
// account has.
type OverBudget struct {
	// Period is "day" or "total".
	Period string
	// Limit is the budget, Tokens what was asked for.
	Limit, Tokens int64
	// Resets is when the day's budget begins anew; zero for the total.
	Resets calendar.Instant
}

// Error says which budget.
func (o *OverBudget) Error() string {
	if o.Period == "day" {
		return fmt.Sprintf("the key may take %d tokens a day, and %d more would be too many; the next day begins at %s", o.Limit, o.Tokens, o.Resets)
	}
	return fmt.Sprintf("the key may take %d tokens in all, and %d more would be too many", o.Limit, o.Tokens)
}

const dayLength = 86_400_000

// day counts days since 1970 in UTC.
func day(at calendar.Instant) int64 { return int64(at) / dayLength }

// whole stands for the total among the days of key_spending.
const whole = -1

// Spend takes tokens from a key's budgets, or is an *OverBudget. It belongs into the
// transaction that takes them from the account, so that no race gets past a budget. A
// hold names itself, so that GiveBack finds what it took; a charge gives "".
func Spend(ctx context.Context, tx *store.Tx, k *Key, account, hold string, tokens int64, at calendar.Instant) error {
	if !k.Budgeted() || tokens == 0 {
		return nil
	}
	today := day(at)
	for _, b := range []struct {
		period     string
		day, limit int64
		resets     calendar.Instant
	}{{"day", today, k.BudgetDay, calendar.Instant((today + 1) * dayLength)}, {"total", whole, k.BudgetTotal, 0}} {
		ok, err := count(ctx, tx, k.ID, b.day, tokens, b.limit)
		if err != nil {
			return err
		}
		if !ok {
			return &OverBudget{Period: b.period, Limit: b.limit, Tokens: tokens, Resets: b.resets}
		}
	}
	if hold == "" {
		return nil
	}
	_, err := tx.Exec(ctx, `INSERT INTO key_holds (account, hold, api_key, day, tokens) VALUES ($1, $2, $3, $4, $5)`, account, hold, k.ID, today, tokens)
	return err
}

// unlimited stands for a budget that is only counted: no sum of tokens gets there.
const unlimited = 1 << 62

// count adds to what a key has taken, unless that would pass the limit: one statement, so
// that no two can pass together.
func count(ctx context.Context, tx *store.Tx, key string, day, tokens, limit int64) (bool, error) {
	if limit == 0 {
		limit = unlimited
	}
	if tokens > limit {
		return false, nil
	}
	n, err := tx.Exec(ctx, `INSERT INTO key_spending (api_key, day, tokens) VALUES ($1, $2, $3)
		ON CONFLICT (api_key, day) DO UPDATE SET tokens = key_spending.tokens + excluded.tokens WHERE key_spending.tokens <= $4`, key, day, tokens, limit-tokens)
	return n == 1, err
}

// GiveBack returns to a key's budgets what a hold took and did not use in the end. It
// belongs into the transaction that ends the hold. Holds without a budget are no error.
func GiveBack(ctx context.Context, tx *store.Tx, account, hold string, used int64) error {
	var key string
	var at, tokens int64
	err := tx.QueryRow(ctx, `SELECT api_key, day, tokens FROM key_holds WHERE account = $1 AND hold = $2`, account, hold).Scan(&key, &at, &tokens)
	if errors.Is(err, store.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM key_holds WHERE account = $1 AND hold = $2`, account, hold); err != nil || tokens <= used {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE key_spending SET tokens = tokens - $1 WHERE api_key = $2 AND day IN ($3, -1)`, tokens-used, key, at)
	return err
}
