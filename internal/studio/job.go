package studio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// Status is where a job stands.
type Status string

// The states of a job. Queued and Running are open; the others are final.
const (
	Queued    Status = "queued"
	Running   Status = "running"
	Complete  Status = "complete"
	Failed    Status = "failed"
	Cancelled Status = "cancelled"
)

// Spec is what a job is asked to make, complete and checked.
type Spec struct {
	// Operation is empty for painting.
	Operation      string `json:"operation,omitempty"`
	Pipeline       string `json:"pipeline"`
	Prompt         string `json:"prompt"`
	NegativePrompt string `json:"negative_prompt,omitempty"`
	Width          int    `json:"width"`
	Height         int    `json:"height"`
	Images         int    `json:"images"`
	Steps          int    `json:"steps,omitempty"`
	Model          string `json:"model,omitempty"`
	PromptMagic    string `json:"prompt_magic,omitempty"`
	// Source is what an operation or the canvas works on; Mask and Mesh are uploads.
	Source     Origin      `json:"source,omitzero"`
	Mask       string      `json:"mask,omitempty"`
	Mesh       string      `json:"mesh,omitempty"`
	References []Reference `json:"references,omitempty"`
	Elements   []Element   `json:"elements,omitempty"`
	Extend     Sides       `json:"extend,omitzero"`
	Strength   float64     `json:"strength,omitempty"`
	Scale      int         `json:"scale,omitempty"`
	Zoom       float64     `json:"zoom,omitempty"`
	Style      string      `json:"style,omitempty"`
	Tiling     bool        `json:"tiling,omitempty"`
	// Seed of the first picture; the others follow by one each.
	Seed int64 `json:"seed"`
	// Random tells that the seed was drawn by the studio and not asked for.
	Random bool `json:"random,omitempty"`
	// Prices are what 1, 2, … of the pictures cost, so that a part of the job has a price (T19).
	Prices []int64 `json:"prices"`
}

// Job is a piece of work with its price, and what has become of it.
type Job struct {
	Account string
	ID      string
	Spec    Spec
	Status  Status
	Lane    token.Lane
	// Price was held; Settled was charged in the end, in tokens.
	Price, Settled int64
	Attempt        int64
	// Reason says in a sentence why a job failed or delivered less.
	Reason                              string
	Engine                              string
	Progress                            int64
	Created, Started, Finished, Updated calendar.Instant
	Pictures                            []Picture
	// Position among the waiting jobs of the lane, 1 for the next; 0 if it does not wait here.
	Position int
	// WaitingFor says in a sentence what keeps a waiting job from beginning whatever its
	// place. It may begin at MayStart or so, nine times in ten between Earliest and Latest,
	// as far as can be told; each may be empty.
	WaitingFor                 string
	Earliest, MayStart, Latest calendar.Instant
	// APIKey is the id of the key that asked; empty for people. Origin is the address of
	// this server as that request knew it, or empty.
	APIKey, Origin string
}

// Open tells whether the job is not final yet.
func (j *Job) Open() bool { return j.Status == Queued || j.Status == Running }

// Picture is one finished picture.
type Picture struct {
	Account string
	ID      string
	Job     string
	Index   int
	Seed    int64
	Width   int
	Height  int
	// File and Thumb name the stored files.
	File, Thumb string
	Facts       PictureFacts
	Created     calendar.Instant
}

// PictureFacts are what is known of a picture's making, mostly what the engine said.
type PictureFacts struct {
	// Prompt is what was asked for; of a picture made from another, that one's.
	Prompt  string   `json:"prompt"`
	Used    []string `json:"used,omitempty"`
	Ignored []string `json:"ignored,omitempty"`
	Scene   string   `json:"scene,omitempty"`
	// Rewritten is the prompt as Prompt Magic made it.
	Rewritten string `json:"rewritten,omitempty"`
	// Note is what the person should know of how this was made.
	Note string `json:"note,omitempty"`
	// Operation that made it, empty for painting; Source is what it was made from.
	Operation string `json:"operation,omitempty"`
	Source    Origin `json:"source,omitzero"`
	// Engine is the id of the engine that made it.
	Engine string `json:"engine,omitempty"`
	// Files came with it: maps, meshes, turntable frames, masks.
	Files []ExtraFile `json:"files,omitempty"`
}

// ExtraFile is a file that came with a picture.
type ExtraFile struct {
	Kind  string `json:"kind"`
	Type  string `json:"type"`
	File  string `json:"file"`
	Bytes int64  `json:"bytes"`
}

// ErrUnknown means that the account has no such job or picture.
var ErrUnknown = errors.New("there is nothing of that id here")

const jobColumns = `account, id, spec, status, lane, price, settled, attempt, reason, engine, progress, created, started, finished, updated, api_key, origin`

func scanJob(row interface{ Scan(...any) error }) (Job, error) {
	var j Job
	var spec, lane string
	var created, started, finished, updated int64
	err := row.Scan(&j.Account, &j.ID, &spec, &j.Status, &lane, &j.Price, &j.Settled, &j.Attempt, &j.Reason, &j.Engine, &j.Progress,
		&created, &started, &finished, &updated, &j.APIKey, &j.Origin)
	if errors.Is(err, store.ErrNoRows) {
		return j, ErrUnknown
	}
	if err != nil {
		return j, err
	}
	j.Lane = token.Lane(lane)
	j.Created, j.Started, j.Finished, j.Updated = calendar.Instant(created), calendar.Instant(started), calendar.Instant(finished), calendar.Instant(updated)
	if err := json.Unmarshal([]byte(spec), &j.Spec); err != nil {
		return j, fmt.Errorf("job %s: %w", j.ID, err)
	}
	return j, nil
}

func queryJobs(ctx context.Context, tx *store.Tx, sql string, args ...any) ([]Job, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	jobs := []Job{}
	for rows.Next() {
		j, err := scanJob(rows)
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, j)
	}
	return jobs, rows.Err()
}

// Job gives one job with its pictures.
func (s *Studio) Job(ctx context.Context, account, id string) (j Job, err error) {
	err = s.read(ctx, func(ctx context.Context, tx *store.Tx) error {
		j, err = loadJob(ctx, tx, account, id)
		return err
	})
	s.addLive(&j)
	return j, err
}

func loadJob(ctx context.Context, tx *store.Tx, account, id string) (Job, error) {
	j, err := scanJob(tx.QueryRow(ctx, `SELECT `+jobColumns+` FROM jobs WHERE account = $1 AND id = $2 AND hidden = 0`, account, id))
	if err != nil {
		return j, err
	}
	j.Pictures, err = picturesOf(ctx, tx, account, id)
	return j, err
}

func picturesOf(ctx context.Context, tx *store.Tx, account, job string) ([]Picture, error) {
	return queryPictures(ctx, tx, `SELECT `+pictureColumns+` FROM pictures WHERE account = $1 AND job = $2 ORDER BY idx`, account, job)
}

// jobsBefore lists an account's jobs from a cursor on.
const jobsBefore = `SELECT ` + jobColumns + ` FROM jobs
	WHERE account = $1 AND hidden = 0 AND (created, id) < ($2, $3) ORDER BY created DESC, id DESC LIMIT $4`

// Jobs lists an account's jobs, newest first, from before the cursor on. An empty cursor starts at the newest.
func (s *Studio) Jobs(ctx context.Context, account, cursor string, limit int) (jobs []Job, err error) {
	err = s.read(ctx, func(ctx context.Context, tx *store.Tx) error {
		before, beforeID, err := parseCursor(cursor)
		if err != nil {
			return err
		}
		jobs, err = queryJobs(ctx, tx, jobsBefore, account, before, beforeID, limit)
		if err != nil {
			return err
		}
		return addPictures(ctx, tx, account, jobs)
	})
	s.addLiveAll(jobs)
	return jobs, err
}

// changedAtOnce is how many jobs Changed lists at most.
const changedAtOnce = 200

// missed lists what has ended since and what is open, by indexes that a job's start does
// not touch. What has ended does not change any more, unless it is hidden.
const missed = `SELECT ` + jobColumns + ` FROM (
	SELECT * FROM (SELECT * FROM jobs WHERE account = $1 AND finished > 0 AND (finished, id) > ($2, $3) AND hidden = 0 ORDER BY finished, id LIMIT $4) AS ended
	UNION ALL SELECT * FROM jobs WHERE account = $1 AND finished = 0 AND (updated, id) > ($2, $3) AND hidden = 0) AS any_of_them
	ORDER BY updated, id LIMIT $4`

// Changed lists an account's jobs that changed at an instant, if their ids come after one,
// or later, oldest change first. What follows a full list comes with the instant and id of its last.
func (s *Studio) Changed(ctx context.Context, account string, since calendar.Instant, after string) (jobs []Job, err error) {
	err = s.read(ctx, func(ctx context.Context, tx *store.Tx) error {
		jobs, err = queryJobs(ctx, tx, missed, account, int64(since), after, changedAtOnce)
		if err != nil {
			return err
		}
		return addPictures(ctx, tx, account, jobs)
	})
	s.addLiveAll(jobs)
	return jobs, err
}

func addPictures(ctx context.Context, tx *store.Tx, account string, jobs []Job) (err error) {
	for i := range jobs {
		if jobs[i].Pictures, err = picturesOf(ctx, tx, account, jobs[i].ID); err != nil {
			return err
		}
	}
	return nil
}

func (s *Studio) addLiveAll(jobs []Job) {
	for i := range jobs {
		s.addLive(&jobs[i])
	}
}
