package studio

import (
	"context"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/store/storetest"
)

// Everything that is asked of the jobs finds them by an index: its cost follows what it
// finds and not how many jobs there are.
func TestJobsAreFoundByIndexes(t *testing.T) {
	t.Parallel()
	pages := `SELECT ` + factColumns + ` FROM jobs WHERE `
	statements := map[string][]any{
		claiming:                                {"worker", 1, "engine", 2, "ada", "id", 3},
		renewal:                                 {1, 2, 3, "ada", "id", "worker", 4},
		openJobs:                                {"ada"},
		missed:                                  {"ada", 1, "id", 2},
		latest:                                  {1, 2},
		jobsBefore:                              {"ada", 1, "id", 2},
		pages + runningJobs:                     {},
		pages + waitingPage:                     {1, "id", 2},
		pages + overPage:                        {1, 2},
		pages + newsPage:                        {1, "ada", "id", 2},
		ended + usesByDay:                       {1, 2, 3},
		ended + " AND account = $4" + usesByDay: {1, 2, 3, "ada"},
	}
	storetest.Each(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		for sql, args := range statements {
			err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				plan, err := planOf(ctx, tx, db.Engine(), sql, args)
				t.Logf("%s\n%s", sql, plan)
				if strings.Contains(plan, "Seq Scan on jobs") || strings.Contains(plan, "SCAN jobs") && !strings.Contains(plan, "USING INDEX") || !strings.Contains(plan, "jobs") {
					t.Errorf("%s reads all jobs:\n%s", sql, plan)
				}
				if key := "jobs_pkey"; sql == claiming || sql == renewal { // whatever the statistics know
					if db.Engine() == "sqlite" {
						key = "sqlite_autoindex_jobs_1"
					}
					if !strings.Contains(plan, key) {
						t.Errorf("%s does not look by the key:\n%s", sql, plan)
					}
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// planOf asks an engine how it would run a statement if the table were large.
func planOf(ctx context.Context, tx *store.Tx, engine, sql string, args []any) (plan string, err error) {
	explain := "EXPLAIN QUERY PLAN "
	if engine == "postgres" {
		explain = "EXPLAIN "
		if _, err := tx.Exec(ctx, "SET LOCAL enable_seqscan = off"); err != nil {
			return "", err
		}
	}
	rows, err := tx.Query(ctx, explain+sql, args...)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		into := []any{&line}
		if engine == "sqlite" {
			var id, parent, unused int64
			into = []any{&id, &parent, &unused, &line}
		}
		if err := rows.Scan(into...); err != nil {
			return "", err
		}
		plan += line + "\n"
	}
	return plan, rows.Err()
}
