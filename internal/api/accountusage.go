package api

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// How alerts of expiring tokens are meant: a week ahead, and more than a handful.
var alertTerms = token.AlertTerms{Within: 7 * 86_400_000, More: 10}

// accountUsage sums up the journal: it knows everything that was ever charged, also
// what other software charged.
func (s *server) accountUsage(ctx context.Context, in *struct {
	AccountPath
	Period
}) (*answer[AccountUsage], error) {
	id, err := reading(ctx, in.Account)
	if err != nil {
		return nil, s.fail(err)
	}
	a, err := s.Studio.Ledger.Account(ctx, id, calendar.At(s.Now()))
	if err != nil {
		return nil, s.fail(err)
	}
	from, until := in.of(s.Now())
	uses, err := s.usesOf(ctx, id, a.Seq, from, until)
	if err != nil {
		return nil, s.fail(err)
	}
	alerts := s.Studio.Catalog().Rules().Alerts(a, alertTerms)
	return &answer[AccountUsage]{Body: AccountUsage{From: from.String(), Until: until.String(), Uses: uses, Alerts: append([]token.Alert{}, alerts...)}}, nil
}

// journalPage is how many entries are read at once.
const journalPage = 500

func (s *server) usesOf(ctx context.Context, account string, last int64, from, until calendar.Instant) ([]AccountUse, error) {
	after, err := s.before(ctx, account, last, from)
	if err != nil {
		return nil, err
	}
	type key struct{ day, feature string }
	sums := map[key]*AccountUse{}
	for {
		entries, err := s.Studio.Ledger.Journal(ctx, account, after, journalPage)
		if err != nil {
			return nil, err
		}
		for i := range entries {
			e := &entries[i]
			if e.At >= until {
				return sorted(sums), nil
			}
			day := e.At.Time().UTC().Format(time.DateOnly)
			seen := ""
			for _, p := range e.Postings {
				feature, spent := strings.CutPrefix(string(p.From), string(token.Spent))
				back := spent
				if !back {
					if feature, spent = strings.CutPrefix(string(p.To), string(token.Spent)); !spent {
						continue
					}
				}
				feature = strings.TrimPrefix(feature, "/")
				u := sums[key{day, feature}]
				if u == nil {
					u = &AccountUse{Day: day, Feature: feature}
					sums[key{day, feature}] = u
				}
				switch {
				case back:
					u.Refunded += p.Tokens
				default:
					u.Tokens += p.Tokens
					if seen != "/"+feature { // an entry is one charge, of however many grants
						u.Charges++
						seen = "/" + feature
					}
				}
			}
		}
		if len(entries) < journalPage {
			return sorted(sums), nil
		}
		after = entries[len(entries)-1].Seq
	}
}

func sorted[K comparable](sums map[K]*AccountUse) []AccountUse {
	uses := []AccountUse{}
	for _, u := range sums {
		uses = append(uses, *u)
	}
	slices.SortFunc(uses, func(a, b AccountUse) int { return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Feature, b.Feature)) })
	return uses
}

// before finds the number of the last entry before an instant, by halving: numbers have
// no gaps and their times never run backwards (T2, T30).
func (s *server) before(ctx context.Context, account string, last int64, at calendar.Instant) (int64, error) {
	low, high := int64(0), last
	for low < high {
		middle := (low + high + 1) / 2
		e, err := s.Studio.Ledger.Journal(ctx, account, middle-1, 1)
		if err != nil {
			return 0, err
		}
		if len(e) == 1 && e[0].At < at {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low, nil
}
