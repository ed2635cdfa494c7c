package studio

import (
	"context"
	"strconv"

	"github.com/florin-studio/florin/internal/store"
)

// Listing chooses among an account's jobs.
type Listing struct {
	// Operations lists jobs of operations instead of those that paint.
	Operations bool
	// Since leaves out what was created before, in milliseconds since 1970.
	Since int64
	// Skip and Limit take a page out of them, newest first.
	Skip, Limit int
}

// List gives a page of an account's jobs, newest first, with their pictures.
func (s *Studio) List(ctx context.Context, account string, l Listing) (jobs []Job, err error) {
	is := "NOT IN"
	if l.Operations {
		is = "IN"
	}
	err = s.read(ctx, func(ctx context.Context, tx *store.Tx) error {
		args := []any{account, l.Since, l.Limit, l.Skip}
		places := ""
		for i, op := range operations {
			if i > 0 {
				places += ", "
			}
			places += "$" + strconv.Itoa(5+i)
			args = append(args, string(op))
		}
		jobs, err = queryJobs(ctx, tx, `SELECT `+jobColumns+` FROM jobs WHERE account = $1 AND hidden = 0 AND created >= $2 AND feature `+is+` (`+places+`)
			ORDER BY created DESC, id DESC LIMIT $3 OFFSET $4`, args...)
		if err != nil {
			return err
		}
		return addPictures(ctx, tx, account, jobs)
	})
	s.addLiveAll(jobs)
	return jobs, err
}
