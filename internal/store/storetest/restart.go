package storetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Restart ends the private server as a crash would, without a word to its clients,
// leaves it down for a while, and starts it again. Every database on it is away
// meanwhile, so only a package whose tests all bear that may use it.
func Restart(t testing.TB, down time.Duration) {
	t.Helper()
	if shared == nil {
		t.Fatal("no server was started")
	}
	if err := shared.restart(down); err != nil {
		t.Fatalf("restarting PostgreSQL: %v", err)
	}
}

func (c *cluster) restart(down time.Duration) error {
	if err := c.server.Process.Signal(syscall.SIGQUIT); err != nil {
		return err
	}
	<-c.ended
	<-time.After(down)
	old := c.server
	c.server = exec.Command(old.Path, old.Args[1:]...)
	c.server.SysProcAttr, c.server.Dir = old.SysProcAttr, old.Dir
	log, err := os.OpenFile(filepath.Join(c.dir, "log"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer log.Close()
	c.server.Stdout, c.server.Stderr = log, log
	return c.ready()
}
