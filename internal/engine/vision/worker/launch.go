package worker

import (
	"os/exec"
	"runtime"
)

// launch starts a worker's process. Linux ties a child's life to the thread that made
// it, so the thread is kept until the child is gone.
func launch(cmd *exec.Cmd) (*process, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	said := &words{}
	cmd.Stderr = said
	dieWithParent(cmd)
	done := make(chan struct{})
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(done)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended shows in what it said
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return &process{in: in, out: out, kill: func() { _ = cmd.Process.Kill() }, done: done, stderr: said}, nil
}
