package studio

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"
	"strconv"

	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// StatementFilter chooses lines of a statement; zero values choose all.
type StatementFilter struct {
	From, Until calendar.Instant
	// Kinds are entry kinds such as hold, settle, roll.
	Kinds []string
}

func (f StatementFilter) wants(e *token.Entry) bool {
	return e.At >= f.From && (f.Until == 0 || e.At < f.Until) && (len(f.Kinds) == 0 || slices.Contains(f.Kinds, e.Kind))
}

// statementPage is how many entries are read at a time.
const statementPage = 500

// Statement walks an account's journal in order, entries that the filter wants only.
func (s *Studio) Statement(ctx context.Context, account string, f StatementFilter, visit func(*token.Entry) error) error {
	for after := int64(0); ; {
		entries, err := s.Ledger.Journal(ctx, account, after, statementPage)
		if err != nil || len(entries) == 0 {
			return err
		}
		for i := range entries {
			e := &entries[i]
			after = e.Seq
			if f.Until != 0 && e.At >= f.Until {
				return nil
			}
			if !f.wants(e) {
				continue
			}
			if err := visit(e); err != nil {
				return err
			}
		}
	}
}

// StatementCSV writes a statement as CSV, one line for each posting; entries without
// postings have one line with empty columns.
func (s *Studio) StatementCSV(ctx context.Context, w io.Writer, account string, f StatementFilter) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"seq", "at", "kind", "key", "grant", "from", "to", "tokens", "hold", "why", "balance"}); err != nil {
		return err
	}
	err := s.Statement(ctx, account, f, func(e *token.Entry) error {
		postings := e.Postings
		if len(postings) == 0 {
			postings = []token.Posting{{}}
		}
		for _, p := range postings {
			at := e.At
			if p.At != 0 {
				at = p.At
			}
			tokens := ""
			if p.Tokens != 0 {
				tokens = strconv.FormatInt(p.Tokens, 10)
			}
			row := []string{strconv.FormatInt(e.Seq, 10), at.String(), e.Kind, e.Key, p.Grant, string(p.From), string(p.To), tokens, p.Hold, p.Why, strconv.FormatInt(e.Balance, 10)}
			if err := out.Write(row); err != nil {
				return err
			}
		}
		return nil
	})
	out.Flush()
	if err == nil {
		err = out.Error()
	}
	return err
}

// StatementLines writes a statement as JSON Lines, one journal entry each.
func (s *Studio) StatementLines(ctx context.Context, w io.Writer, account string, f StatementFilter) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return s.Statement(ctx, account, f, func(e *token.Entry) error { return out.Encode(e) })
}

// Terms of alerts about expiries: three days ahead, more than a hundred tokens.
var alertTerms = token.AlertTerms{Within: 3 * dayLength, More: 100}

// Alerts tells what the account's owner may want to know now.
func (s *Studio) Alerts(ctx context.Context, account string) ([]token.Alert, error) {
	a, err := s.Ledger.Account(ctx, account, s.now())
	if err != nil {
		return nil, err
	}
	return append([]token.Alert{}, s.Catalog().Rules().Alerts(a, alertTerms)...), nil
}
