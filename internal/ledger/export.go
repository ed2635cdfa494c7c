package ledger

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/florin-studio/florin/token"
)

// exportHeader is the first line of an export.
type exportHeader struct {
	Ledger  string `json:"ledger"`
	Version int    `json:"version"`
}

// exportLine is one entry; Entry has its canonical bytes, unchanged.
type exportLine struct {
	Hash  string          `json:"hash"`
	Entry json.RawMessage `json:"entry"`
}

var thisExport = exportHeader{Ledger: "florin", Version: 1}

// Export writes the whole history of one account, or of all for "", as JSON Lines: a
// header, then the entries of each account in order, each with its hash. Each account
// is complete up to some moment of the export. A damaged entry is an error: an export
// is something to rely on.
func (l *Ledger) Export(ctx context.Context, w io.Writer, account string) error {
	out := bufio.NewWriterSize(w, 1<<16)
	head, err := json.Marshal(thisExport)
	if err != nil {
		return err
	}
	out.Write(append(head, '\n'))
	visit := func(id string) error { return l.exportAccount(ctx, out, id) }
	if account != "" {
		err = visit(account)
	} else {
		err = l.eachAccount(ctx, visit)
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

// exportAccount reads page by page: a journal only grows, so that no moment has to be held.
func (l *Ledger) exportAccount(ctx context.Context, out *bufio.Writer, id string) error {
	var a token.Account
	for {
		var recs []Record
		err := l.store.Read(ctx, func(ctx context.Context, r Reader) (err error) {
			recs, err = r.Records(ctx, id, a.Seq, page)
			return err
		})
		if err != nil {
			return err
		}
		if len(recs) == 0 && a.Seq == 0 {
			return unknown("account", id)
		}
		for _, rec := range recs {
			if a, err = follow(a, []byte(rec.Body), rec.Hash); err != nil {
				return fmt.Errorf("ledger: export of account %q: entry %d: %w", id, rec.Seq, err)
			}
			fmt.Fprintf(out, `{"hash":%q,"entry":%s}`+"\n", rec.Hash, rec.Body)
		}
		if len(recs) < page {
			return nil
		}
	}
}

// follow checks an entry against the chain and folds it.
func follow(a token.Account, body []byte, hash string) (token.Account, error) {
	e, err := token.ParseEntry(body)
	if err != nil {
		return a, err
	}
	e.Prev, e.Hash = a.Hash, hash
	switch {
	case token.ChainHash(e.Prev, body) != hash:
		return a, fmt.Errorf("its hash %s does not fit its body and the entry before", hash)
	case string(e.Bytes()) != string(body):
		return a, fmt.Errorf("it is not in canonical form")
	}
	return token.Fold(a, &e)
}
