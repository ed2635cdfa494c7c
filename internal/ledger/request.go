package ledger

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
)

// Request is a command for an account.
type Request struct {
	Account string
	token.Request
	// Side writes the caller's own rows in the same transaction, after the command was
	// decided and before anything is durable; it does not run for a repeat. An error
	// refuses this command alone and is returned to the caller. It may run more than
	// once, and must not use the ledger.
	Side func(ctx context.Context, tx *store.Tx, receipt *token.Receipt) error
}

// Busy is a refusal to queue more commands: nothing was done.
type Busy struct {
	RetryAfter time.Duration
}

// Error says when to come back.
func (b *Busy) Error() string {
	return fmt.Sprintf("ledger: too many commands are waiting; retry after %s", b.RetryAfter)
}

// Panicked is a command or side that panicked; it changed nothing.
type Panicked struct {
	Value any
	Stack []byte
}

// Error says what was panicked with, without the stack.
func (p *Panicked) Error() string { return fmt.Sprintf("ledger: panic: %v", p.Value) }

// Bounds in bytes: of account ids and keys, and of unique names, which may hold two of
// them. PostgreSQL's indexes take account and name together up to 2,700 bytes.
const (
	maxKey  = 400
	maxName = 1200
)

// check finds requests that no state could make right.
func (req *Request) check() error {
	if err := checkText("account", req.Account, maxKey); err != nil {
		return err
	}
	if req.Command == nil {
		return &token.Invalid{Field: "command", Allowed: "a command"}
	}
	switch req.Command.(type) {
	case token.Touch:
		return nil
	case token.ReceiveGift:
		return &token.Invalid{Field: "command", Value: "receive_gift", Allowed: "send_gift, which does both sides"}
	}
	name := req.Primary()
	if name == "" {
		return &token.Invalid{Field: "key", Allowed: "an idempotency key of 1 to 400 bytes"}
	}
	if req.Key != "" {
		return checkText("key", req.Key, maxKey)
	}
	return nil
}

// checkText refuses texts that the stores do not keep alike.
func checkText(field, s string, most int) error {
	if s == "" || len(s) > most || strings.ContainsRune(s, 0) || !utf8.ValidString(s) {
		return &token.Invalid{Field: field, Value: s, Allowed: fmt.Sprintf("1 to %d bytes of UTF-8 without NUL", most)}
	}
	return nil
}

// checkNames refuses unique names that are longer than a store's index takes.
func checkNames(names []string) error {
	for _, name := range names {
		if err := checkText("id", name, maxName); err != nil {
			return err
		}
	}
	return nil
}

// unknown is the refusal of an account that was never opened.
func unknown(field, account string) error {
	return &token.Refusal{Reason: token.UnknownAccount, Field: field, Value: account, Allowed: "an open account"}
}
