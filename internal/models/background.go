package models

import (
	"context"
	"errors"
	"sync"
)

// ErrBusy means that an installation is running already.
var ErrBusy = errors.New("an installation is running")

// Job is an installation in the background.
type Job struct {
	Set     string `json:"set"`
	Running bool   `json:"running"`
	Progress
	// Error says why it ended, in words; empty while it runs and when it went well.
	Error string `json:"error,omitempty"`
}

// Installer installs in the background, one set at a time.
type Installer struct {
	Store Store
	// Log is told how each installation ended; it may be nil.
	Log func(set string, err error)

	ctx  context.Context
	mu   sync.Mutex
	job  *Job
	done chan struct{}
}

// NewInstaller makes an installer. The context's end interrupts it.
func NewInstaller(ctx context.Context, s Store) *Installer { return &Installer{Store: s, ctx: ctx} }

// Job tells of the running installation, or of the last one, or nil.
func (in *Installer) Job() *Job {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.job == nil {
		return nil
	}
	copied := *in.job
	return &copied
}

// Start begins an installation. What can be refused at once is: unknown sets, other
// machines, licences that nobody accepted.
func (in *Installer) Start(setID string, c Consent) error {
	items, err := in.Store.Needed(setID)
	if err != nil {
		return err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.job != nil && in.job.Running {
		return ErrBusy
	}
	for _, i := range items {
		if !i.Supported {
			return ErrUnsupported
		}
	}
	if err := in.Store.ready(); err != nil {
		return in.Store.explain(err)
	}
	if err := in.Store.consent(items, c); err != nil {
		return in.Store.explain(err)
	}
	in.job, in.done = &Job{Set: setID, Running: true}, make(chan struct{})
	go in.work(setID, c, in.done)
	return nil
}

func (in *Installer) work(setID string, c Consent, done chan struct{}) {
	defer close(done)
	err := in.Store.Install(in.ctx, setID, c, func(p Progress) {
		in.mu.Lock()
		defer in.mu.Unlock()
		in.job.Progress = p
	})
	in.mu.Lock()
	in.job.Running = false
	if err != nil {
		in.job.Error = err.Error()
	}
	in.mu.Unlock()
	if in.Log != nil {
		in.Log(setID, err)
	}
}

// Wait waits for the running installation, if there is one.
func (in *Installer) Wait() {
	in.mu.Lock()
	done := in.done
	in.mu.Unlock()
	if done != nil {
		<-done
	}
}

// Remove takes a set away, unless an installation is running.
func (in *Installer) Remove(setID string) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.job != nil && in.job.Running {
		return ErrBusy
	}
	in.job = nil
	return in.Store.Remove(setID)
}
