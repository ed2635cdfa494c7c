package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// Account is a token account, as the token API shows it.
type Account struct {
	ID         string   `json:"id"`
	ExternalID string   `json:"external_id,omitempty" doc:"What the software that opened it calls it; missing for accounts of people."`
	Plan       PlanName `json:"plan"`
	Scheduled  string   `json:"scheduled,omitempty" doc:"The plan that follows at the cycle's end."`
	Zone       string   `json:"zone"`
	Opened     string   `json:"opened_at" format:"date-time"`
	CycleEnds  *string  `json:"cycle_ends" format:"date-time"`
	NextReset  string   `json:"next_reset" format:"date-time"`
	Entries    int64    `json:"entries" doc:"How long the journal is."`
}

// Accounts is a page of accounts, by external id.
type Accounts struct {
	Accounts   []Account `json:"accounts"`
	NextCursor string    `json:"next_cursor,omitempty"`
}

// JournalEntry is a line of an account's journal.
type JournalEntry struct {
	token.Entry
	Prev string `json:"prev" doc:"The hash of the entry before; empty for the first."`
	Hash string `json:"hash" doc:"SHA-256 over prev and the entry's canonical bytes."`
}

// Journal is a page of a journal, oldest first.
type Journal struct {
	Entries    []JournalEntry `json:"entries"`
	NextCursor string         `json:"next_cursor,omitempty"`
}

// AccountUsage is what an account's tokens went for, by day and feature.
type AccountUsage struct {
	From   string        `json:"from" format:"date-time"`
	Until  string        `json:"until" format:"date-time"`
	Uses   []AccountUse  `json:"uses"`
	Alerts []token.Alert `json:"alerts"`
}

// AccountUse is one day's tokens for one feature.
type AccountUse struct {
	Day      string `json:"day" format:"date" doc:"In UTC."`
	Feature  string `json:"feature"`
	Charges  int64  `json:"charges" doc:"How many charges and settlements."`
	Tokens   int64  `json:"tokens" doc:"What they took."`
	Refunded int64  `json:"refunded"`
}

// AccountPath is an account in a path: its id, or external: and the external id.
type AccountPath struct {
	Account string `path:"account" maxLength:"400" doc:"The account's id, or external: and its external id."`
}

// For names the account that something is worked out for.
type For struct {
	Account string `query:"account" maxLength:"400" doc:"The account's id, or external: and its external id; service keys have to name one, people have their own."`
}

// whose is the account, where the caller may read it.
func (f *For) whose(ctx context.Context) (string, error) {
	c, err := callerIn(ctx)
	if err != nil || f.Account != "" {
		id, refused := reading(ctx, f.Account)
		return id, cmp.Or(err, refused)
	}
	if c.service() {
		return "", &token.Invalid{Field: "account", Value: "nothing", Allowed: "an account, for a service key has none of its own"}
	}
	return c.person.Account, nil
}

func (s *server) accountRoutes(api huma.API) {
	schema := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Account](), true, "Account")
	told := &huma.Response{Description: "It was open already", Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}}
	huma.Register(api, huma.Operation{
		OperationID: "open-account", Method: http.MethodPost, Path: "/api/v1/accounts", DefaultStatus: http.StatusCreated, Summary: "Open an account; again, and it is told with status 200",
		Responses: map[string]*huma.Response{"200": told},
	}, s.openAccount)
	huma.Register(api, huma.Operation{OperationID: "list-accounts", Method: http.MethodGet, Path: "/api/v1/accounts", Summary: "The accounts that other software opened, by external id"}, s.listAccounts)
	huma.Register(api, huma.Operation{OperationID: "get-account", Method: http.MethodGet, Path: "/api/v1/accounts/{account}", Summary: "One account"}, s.getAccount)
	huma.Register(api, huma.Operation{OperationID: "account-balance", Method: http.MethodGet, Path: "/api/v1/accounts/{account}/balance", Summary: "How an account stands, stood, or will stand if nothing is spent"}, s.accountBalance)
	huma.Register(api, huma.Operation{OperationID: "account-journal", Method: http.MethodGet, Path: "/api/v1/accounts/{account}/journal", Summary: "An account's journal, oldest first"}, s.accountJournal)
	huma.Register(api, huma.Operation{OperationID: "account-usage", Method: http.MethodGet, Path: "/api/v1/accounts/{account}/usage", Summary: "What an account's tokens went for, from its journal"}, s.accountUsage)
}

// resolve gives the id that a path's account stands for.
func resolve(account string) string {
	if external, ok := strings.CutPrefix(account, "external:"); ok {
		return identity.ExternalAccount(external)
	}
	return account
}

// reading lets a service key read every account, and people their own. Of others nobody
// learns whether they are there.
func reading(ctx context.Context, account string) (string, error) {
	c, err := callerIn(ctx)
	id := resolve(account)
	if err == nil && !c.service() && id != c.person.Account {
		err = identity.ErrUnknown
	}
	return id, err
}

// service lets service keys through.
func service(ctx context.Context) (caller, error) {
	c, err := callerIn(ctx)
	if err == nil && !c.service() {
		err = problem(http.StatusForbidden, "forbidden", "Needs a service key", "Only a service key may do this; an administrator makes one with \"florin key create --service NAME\".")
	}
	return c, err
}

func (s *server) openAccount(ctx context.Context, in *struct {
	Body struct {
		ExternalID string `json:"external_id" minLength:"1" maxLength:"200" doc:"What your software calls the account. The same gives the same account."`
		Plan       string `json:"plan,omitempty" maxLength:"100" doc:"The catalog's default if missing."`
		Zone       string `json:"zone,omitempty" maxLength:"100" doc:"IANA time zone of the daily reset; the catalog's if missing."`
	}
}) (*written[Account], error) {
	if _, err := service(ctx); err != nil {
		return nil, s.fail(err)
	}
	b := in.Body
	receipt, err := s.Identity.OpenExternal(ctx, b.ExternalID, b.Plan, b.Zone)
	again := receipt.Replayed
	var refusal *token.Refusal
	if errors.As(err, &refusal) && refusal.Reason == token.IdempotencyConflict {
		again, err = true, s.sameOpening(ctx, identity.ExternalAccount(b.ExternalID), b.Plan, b.Zone)
	}
	if err != nil {
		return nil, s.fail(err)
	}
	a, err := s.accountOf(ctx, identity.ExternalAccount(b.ExternalID), b.ExternalID)
	out := &written[Account]{Status: http.StatusCreated, Body: a}
	if again {
		out.Status, out.Replayed = http.StatusOK, "true"
	}
	return out, s.fail(err)
}

// sameOpening tells whether an account was opened as asked for, where something was.
func (s *server) sameOpening(ctx context.Context, account, plan, zone string) error {
	entries, err := s.Studio.Ledger.Journal(ctx, account, 0, 1)
	if err != nil || len(entries) == 0 || entries[0].Facts == nil {
		return errors.Join(err, identity.ErrUnknown)
	}
	was := entries[0].Facts
	for _, f := range []struct{ name, was, is string }{{"plan", was.Plan, plan}, {"zone", was.Zone, zone}} {
		if f.is != "" && f.is != f.was {
			return &token.Refusal{Reason: token.IdempotencyConflict, Field: f.name, Value: f.is, Allowed: f.was}
		}
	}
	return nil
}

func (s *server) accountOf(ctx context.Context, id, external string) (Account, error) {
	a, err := s.Studio.Ledger.Account(ctx, id, calendar.At(s.Now()))
	if err != nil {
		return Account{}, err
	}
	f := a.Facts
	return Account{
		ID: id, ExternalID: external, Plan: s.planName(f.Plan), Scheduled: f.Scheduled, Zone: f.Zone, Opened: f.Opened.String(),
		CycleEnds: optionalTime(f.CycleEnds), NextReset: f.NextReset.String(), Entries: a.Seq,
	}, nil
}

func (s *server) listAccounts(ctx context.Context, in *struct {
	Page
	ExternalID string `query:"external_id" doc:"Only the account of this external id."`
}) (*answer[Accounts], error) {
	if _, err := service(ctx); err != nil {
		return nil, s.fail(err)
	}
	out := Accounts{Accounts: []Account{}}
	var list []identity.External
	var err error
	if in.ExternalID != "" {
		var e identity.External
		e, err = s.Identity.ExternalOf(ctx, identity.ExternalAccount(in.ExternalID))
		if err == nil {
			list = append(list, e)
		} else if errors.Is(err, identity.ErrUnknown) {
			err = nil
		}
	} else {
		list, err = s.Identity.Externals(ctx, in.Cursor, in.Limit)
	}
	if err != nil {
		return nil, s.fail(err)
	}
	for _, e := range list {
		a, err := s.accountOf(ctx, e.Account, e.ID)
		if err != nil {
			return nil, s.fail(err)
		}
		out.Accounts = append(out.Accounts, a)
	}
	if len(list) == in.Limit {
		out.NextCursor = list[len(list)-1].ID
	}
	return &answer[Accounts]{Body: out}, nil
}

func (s *server) getAccount(ctx context.Context, in *AccountPath) (*answer[Account], error) {
	id, err := reading(ctx, in.Account)
	if err != nil {
		return nil, s.fail(err)
	}
	e, err := s.Identity.ExternalOf(ctx, id)
	if err != nil && !errors.Is(err, identity.ErrUnknown) {
		return nil, s.fail(err)
	}
	a, err := s.accountOf(ctx, id, e.ID)
	return &answer[Account]{Body: a}, s.fail(err)
}

func (s *server) accountBalance(ctx context.Context, in *struct {
	AccountPath
	At time.Time `query:"at" doc:"An instant in the past or the future; now if missing."`
}) (*answer[Balance], error) {
	id, err := reading(ctx, in.Account)
	if err != nil {
		return nil, s.fail(err)
	}
	at := s.Now()
	if !in.At.IsZero() {
		at = in.At
	}
	b, err := s.balanceAt(ctx, id, calendar.At(at))
	return &answer[Balance]{Body: b}, s.fail(err)
}

func (s *server) accountJournal(ctx context.Context, in *struct {
	AccountPath
	Page
}) (*answer[Journal], error) {
	id, err := reading(ctx, in.Account)
	if err != nil {
		return nil, s.fail(err)
	}
	after, err := int64(0), error(nil)
	if in.Cursor != "" {
		if after, err = strconv.ParseInt(in.Cursor, 10, 64); err != nil || after < 0 {
			return nil, s.fail(&token.Invalid{Field: "cursor", Value: in.Cursor, Allowed: "the next_cursor of the page before"})
		}
	}
	entries, err := s.Studio.Ledger.Journal(ctx, id, after, in.Limit)
	if err == nil && len(entries) == 0 {
		_, err = s.Studio.Ledger.Account(ctx, id, calendar.At(s.Now())) // an account that is not there has no journal
	}
	if err != nil {
		return nil, s.fail(err)
	}
	out := Journal{Entries: make([]JournalEntry, len(entries))}
	for i, e := range entries {
		out.Entries[i] = JournalEntry{Entry: e, Prev: e.Prev, Hash: e.Hash}
	}
	if n := len(entries); n == in.Limit {
		out.NextCursor = strconv.FormatInt(entries[n-1].Seq, 10)
	}
	return &answer[Journal]{Body: out}, nil
}

// Parts of inputs that other inputs embed: the API library sees only exported ones.
type (
	// Page is where a list begins, and how long a page of it is.
	Page = page
	// Period is a time from and until.
	Period = period
)
