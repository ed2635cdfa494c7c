package studio

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/store/storetest"
)

// Whoever catches up is told of every change, also of more than fit into one list that
// carry the same instant.
func TestChangesOfOneInstantAreAllTold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		book := catalog.Default()
		s := New(Config{DB: storetest.Open(t, url), Catalog: func() *catalog.Catalog { return book }, Now: time.Now})
		const jobs = 2*changedAtOnce + 1
		now := s.now()
		err := s.DB.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			var rows [][]any
			for i := range jobs + 1 {
				at := now
				if i == jobs {
					at = now - 1 // too long ago
				}
				rows = append(rows, []any{fmt.Sprintf("%04d", i), int64(at)})
			}
			_, err := tx.ExecMany(ctx, `INSERT INTO jobs (account, id, spec, status, lane, plan, feature, model, price, settled, attempt, reason, engine, progress, made, created, started, finished, updated, moved, worker, lease, cancel)
				VALUES ('ada', $1, '{}', 'complete', 'fast', 'maestro', 'default', '', 1, 1, 1, '', '', 0, 0, $2, $2, $2, $2, $2, '', 0, 0)`, rows)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		since, after := now, ""
		for {
			list, err := s.Changed(t.Context(), "ada", since, after)
			if err != nil {
				t.Fatal(err)
			}
			if len(list) == 0 {
				break
			}
			for _, j := range list {
				if seen[j.ID] {
					t.Fatalf("job %s was told twice", j.ID)
				}
				seen[j.ID] = true
			}
			since, after = list[len(list)-1].Updated, list[len(list)-1].ID
		}
		if len(seen) != jobs {
			t.Errorf("%d jobs were told, not %d", len(seen), jobs)
		}
	})
}
