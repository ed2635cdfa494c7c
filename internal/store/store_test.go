package store_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

func TestWriteThenRead(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		ctx := t.Context()
		err := db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			n, err := tx.Exec(ctx, "INSERT INTO promos (code, used) VALUES ($1, $2)", "A", 7)
			if n != 1 {
				t.Errorf("%d rows inserted, want 1", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		err = db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
			var used int64
			if err := tx.QueryRow(ctx, "SELECT used FROM promos WHERE code = $1", "A").Scan(&used); err != nil || used != 7 {
				t.Errorf("used %d, %v", used, err)
			}
			if err := tx.QueryRow(ctx, "SELECT used FROM promos WHERE code = $1", "B").Scan(&used); !errors.Is(err, store.ErrNoRows) {
				t.Errorf("no row: %v", err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
