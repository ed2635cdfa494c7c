package ledger

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/florin-studio/florin/token"
)

// maxLine bounds one line of an export, in bytes.
const maxLine = 16 << 20

// Import reads an export into a ledger that has none of its accounts. Everything is
// verified as Verify does: numbers, chain, sums, names. On any difference, and where an
// account exists already, the error names the line and nothing at all is imported.
func (l *Ledger) Import(ctx context.Context, r io.Reader) (Summary, error) {
	var sum Summary
	begun := false
	err := l.store.Write(ctx, func(ctx context.Context, w Writer) error {
		if begun { // the transaction met another one and runs again
			seeker, ok := r.(io.Seeker)
			if !ok {
				return errors.New("ledger: the import met other writers; repeat it")
			}
			if _, err := seeker.Seek(0, io.SeekStart); err != nil {
				return err
			}
		}
		begun = true
		im := &importer{writer: w, rules: l.rules(), seen: map[string]bool{}}
		err := im.run(ctx, r)
		sum = im.sum
		return err
	}, nil)
	if err != nil {
		return Summary{}, err
	}
	return sum, nil
}

// importer takes one account after the other, writing a page of entries at a time.
type importer struct {
	writer  Writer
	rules   *token.Rules
	sum     Summary
	line    int64
	seen    map[string]bool
	account token.Account
	change  Change
	// taken are the unique names of the account at hand.
	taken map[string]bool
}

func (im *importer) run(ctx context.Context, r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 1<<16), maxLine)
	for lines.Scan() {
		im.line++
		var err error
		if im.line == 1 {
			err = checkHeader(lines.Bytes())
		} else {
			err = im.entry(ctx, lines.Bytes())
		}
		if err != nil {
			return fmt.Errorf("ledger: import, line %d: %w", im.line, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("ledger: import, line %d: %w", im.line+1, err)
	}
	if im.line == 0 {
		return errors.New("ledger: import: the file is empty; an export begins with a header")
	}
	return im.end(ctx)
}

func checkHeader(line []byte) error {
	var h exportHeader
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&h); err != nil || h != thisExport {
		return fmt.Errorf("%.80q is no header of an export that this program knows; it has to be %+v", line, thisExport)
	}
	return nil
}

func (im *importer) entry(ctx context.Context, raw []byte) error {
	var line exportLine
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&line); err != nil {
		return err
	}
	e, err := token.ParseEntry(line.Entry)
	if err != nil {
		return err
	}
	if e.Account != im.account.ID {
		if err := im.begin(ctx, e.Account); err != nil {
			return err
		}
	}
	after, err := follow(im.account, line.Entry, line.Hash)
	if err != nil {
		return fmt.Errorf("account %q: %w", e.Account, err)
	}
	if sum, wrong := wrongSum(im.rules, &after, &e); wrong {
		return fmt.Errorf("account %q: entry %d tells a balance of %d, but its grants add up to %d", e.Account, e.Seq, e.Balance, sum)
	}
	im.account = after
	im.sum.Entries++
	im.change.Records = append(im.change.Records, Record{
		Seq: e.Seq, At: e.At, Kind: e.Kind, Body: string(line.Entry), Hash: line.Hash,
	})
	if err := im.names(&e); err != nil {
		return err
	}
	if e.Code != "" {
		if _, err := im.writer.Redeem(ctx, e.Code, 0); err != nil {
			return err
		}
	}
	if len(im.change.Records) >= page {
		return im.flush(ctx)
	}
	return nil
}

// end completes the account at hand: its journal has to lead to a possible state.
func (im *importer) end(ctx context.Context) error {
	if err := im.rules.Check(&im.account); err != nil {
		return fmt.Errorf("a journal gives a state that the rules can't lead to: %w", err)
	}
	return im.flush(ctx)
}

// begin turns to the next account.
func (im *importer) begin(ctx context.Context, id string) error {
	if err := im.end(ctx); err != nil {
		return err
	}
	if err := checkText("account", id, maxKey); err != nil {
		return err
	}
	if im.seen[id] {
		return fmt.Errorf("account %q comes twice; its entries have to stand together", id)
	}
	rows, err := im.writer.Accounts(ctx, []string{id})
	if err != nil {
		return err
	}
	if len(rows) > 0 {
		return fmt.Errorf("account %q exists already", id)
	}
	im.seen[id] = true
	im.sum.Accounts++
	im.account, im.change, im.taken = token.Account{ID: id}, Change{}, map[string]bool{}
	return nil
}

func (im *importer) names(e *token.Entry) error {
	names, err := namesOf(e)
	if err != nil {
		return err
	}
	for _, name := range names {
		if im.taken[name] {
			return fmt.Errorf("account %q: entry %d repeats %q", e.Account, e.Seq, name)
		}
		im.taken[name] = true
		im.sum.Names++
		im.change.Names = append(im.change.Names, Name{Name: name, Seq: e.Seq})
	}
	return nil
}

// flush writes what was gathered of the account at hand.
func (im *importer) flush(ctx context.Context) error {
	if len(im.change.Records) == 0 {
		return nil
	}
	to := im.account
	im.change.To = &to
	changes := []Change{im.change}
	if err := im.writer.Append(ctx, changes, false); err != nil {
		if errors.Is(err, ErrConflict) {
			return fmt.Errorf("account %q exists already, or another process writes to it", im.account.ID)
		}
		return err
	}
	im.change = Change{From: im.account.Seq, Aside: changes[0].Aside}
	return nil
}
