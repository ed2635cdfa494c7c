package identity

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// externalSpace is the name space in which other software's ids become account ids.
var externalSpace = uuid.MustParse("7d2a6c3e-5f0b-4b0e-9a55-f10a1e0ec0de")

// ExternalID checks another software's id of an account.
func ExternalID(id string) error {
	if id == "" || utf8.RuneCountInString(id) > 200 || strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }) {
		return &token.Invalid{Field: "external_id", Value: id, Allowed: "1 to 200 characters, none of them a control character"}
	}
	return nil
}

// ExternalAccount is the account that another software's id stands for: always the
// same, so that nothing has to be looked up, and never that of a person.
func ExternalAccount(id string) string { return uuid.NewSHA1(externalSpace, []byte(id)).String() }

// External is an account that other software opened.
type External struct {
	Account, ID string
	Created     calendar.Instant
}

// OpenExternal opens an account for other software. The receipt tells whether it was
// open already; what was asked for then is compared by the caller.
func (s *Service) OpenExternal(ctx context.Context, id, plan, zone string) (token.Receipt, error) {
	if err := ExternalID(id); err != nil {
		return token.Receipt{}, err
	}
	account, now := ExternalAccount(id), s.now()
	return s.Ledger.Submit(ctx, ledger.Request{
		Account: account,
		Request: token.Request{Key: "open", At: now, Command: token.Open{Plan: plan, Zone: zone}},
		Side: func(ctx context.Context, tx *store.Tx, _ *token.Receipt) error {
			_, err := tx.Exec(ctx, `INSERT INTO external_accounts (account, external_id, created) VALUES ($1, $2, $3)`, account, id, int64(now))
			return err
		},
	})
}

// ExternalOf finds what other software calls an account; ErrUnknown where none does.
func (s *Service) ExternalOf(ctx context.Context, account string) (e External, err error) {
	err = s.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		return noRows(tx.QueryRow(ctx, `SELECT account, external_id, created FROM external_accounts WHERE account = $1`, account).Scan(&e.Account, &e.ID, &e.Created))
	})
	return e, err
}

// Externals lists accounts that other software opened, by its ids, after one of them.
func (s *Service) Externals(ctx context.Context, after string, limit int) (list []External, err error) {
	err = s.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		list = []External{}
		rows, err := tx.Query(ctx, `SELECT account, external_id, created FROM external_accounts WHERE external_id > $1 ORDER BY external_id LIMIT $2`, after, limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var e External
			if err := rows.Scan(&e.Account, &e.ID, &e.Created); err != nil {
				return err
			}
			list = append(list, e)
		}
		return rows.Err()
	})
	return list, err
}
