// Package storetest gives tests real databases and holds both engines of the store to
// the same behaviour. It is imported by tests only.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/store"
	"github.com/jackc/pgx/v5"
)

// cluster is a private PostgreSQL server, one for each test binary.
type cluster struct {
	dir    string
	port   int
	server *exec.Cmd
	ended  chan error
}

var (
	start  sync.Once
	shared *cluster
	absent error
	count  atomic.Int64
)

// Run runs a package's tests and stops the server they used. A package whose tests use
// Postgres calls it from TestMain: os.Exit(storetest.Run(m)).
func Run(m *testing.M) int {
	code := m.Run()
	if shared != nil {
		shared.stop()
	}
	return code
}

// Postgres gives the URL of a new, empty database on a private server. Where none can
// be had the test says so and is skipped.
func Postgres(t testing.TB) string {
	t.Helper()
	start.Do(func() { shared, absent = startCluster() })
	if absent != nil {
		fmt.Fprintf(os.Stderr, "NO POSTGRESQL: %s is skipped: %v; install it with: apt-get install postgresql\n", t.Name(), absent)
		t.Skipf("no PostgreSQL: %v; install it with: apt-get install postgresql", absent)
	}
	name := fmt.Sprintf("test%d", count.Add(1))
	if err := shared.run("CREATE DATABASE " + name); err != nil {
		t.Fatalf("creating a database: %v", err)
	}
	return shared.url(name)
}

// SQLite gives the path of a new database in a folder of the test.
func SQLite(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "florin.db")
}

// Open opens a database and closes it with the test.
func Open(t testing.TB, url string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing the database: %v", err)
		}
	})
	return db
}

// Settle brings a database of which many rows were just written to where a server that runs for long has it: on PostgreSQL
// it is vacuumed and counted, its pages are on the disk, and what is read and written again, which is all but the journal's
// entries, is in the server's memory as far as that suffices.
func Settle(t testing.TB, url string) {
	t.Helper()
	if !strings.HasPrefix(url, "postgres://") {
		return
	}
	ctx := context.WithoutCancel(t.Context())
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, sql := range []string{
		"VACUUM (ANALYZE)", "CHECKPOINT", "CREATE EXTENSION IF NOT EXISTS pg_prewarm",
		"SELECT pg_prewarm(oid) FROM pg_class WHERE relnamespace = to_regnamespace('public') AND relkind IN ('r', 'i') AND relname <> 'entries'",
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// Each runs a test on both engines, in parallel; url makes a new database.
func Each(t *testing.T, run func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); run(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); run(t, Postgres(t)) })
}

func (c *cluster) url(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", c.port, database)
}

// run runs a statement on the server's own database, however long that takes: where the machine is
// busy, half a minute may not be enough to make a database.
func (c *cluster) run(sql string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, c.url("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

// startCluster makes a cluster in a temporary folder and starts a server on a free port.
// FLORIN_TEST_POSTGRES has settings for it, such as "shared_buffers=6GB huge_pages=on".
func startCluster() (*cluster, error) {
	bin, err := installed()
	if err != nil {
		return nil, err
	}
	sweep()
	dir, err := os.MkdirTemp("", prefix)
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: dir}
	if err := c.launch(bin); err != nil {
		c.stop()
		return nil, err
	}
	return c, nil
}

// prefix begins the names of the clusters' folders.
const prefix = "florin-postgres-"

// sweep removes folders of test binaries that were killed: old ones without a server.
func sweep() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*"))
	for _, dir := range dirs {
		info, err := os.Stat(dir)
		if err != nil || time.Since(info.ModTime()) < 10*time.Minute {
			continue
		}
		raw, _ := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
		first, _, _ := strings.Cut(string(raw), "\n")
		if pid, err := strconv.Atoi(first); err == nil {
			if p, err := os.FindProcess(pid); err == nil && !errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone) {
				continue
			}
		}
		os.RemoveAll(dir)
	}
}

func (c *cluster) launch(bin string) error {
	who, err := owner(c.dir)
	if err != nil {
		return err
	}
	data := filepath.Join(c.dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = who, c.dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	if c.port, err = freePort(); err != nil {
		return err
	}
	c.server = exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(c.port), "-k", c.dir,
		"-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", "-c", "shared_buffers=128MB",
		"-c", "max_wal_size=2GB", "-c", "deadlock_timeout=100ms")
	for _, option := range strings.Fields(os.Getenv("FLORIN_TEST_POSTGRES")) { // the last one counts
		c.server.Args = append(c.server.Args, "-c", option)
	}
	c.server.SysProcAttr, c.server.Dir = who, c.dir
	log, err := os.Create(filepath.Join(c.dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	c.server.Stdout, c.server.Stderr = log, log
	return c.ready()
}

// mostAsked is how often a server that starts is asked whether it is there: for a minute, or longer on a
// busy machine.
const mostAsked = 3000

// ready starts the server and waits until it answers. The thread that starts it is
// kept, because the server ends with it.
func (c *cluster) ready() error {
	c.ended = make(chan error, 1)
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		err := c.server.Start()
		started <- err
		if err == nil {
			c.ended <- c.server.Wait()
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for range mostAsked {
		select {
		case err := <-c.ended:
			log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
			return fmt.Errorf("the server ended: %w: %s", err, log)
		case <-ticker.C:
			if c.run("SELECT 1") == nil {
				return nil
			}
		}
	}
	return fmt.Errorf("the server does not answer, asked %d times", mostAsked)
}

// stop ends the server by its own process id and removes its folder.
func (c *cluster) stop() {
	if c.server != nil && c.server.Process != nil && c.server.ProcessState == nil {
		c.server.Process.Signal(syscall.SIGQUIT)
		select {
		case <-c.ended:
		case <-time.After(10 * time.Second):
			c.server.Process.Kill()
		}
	}
	os.RemoveAll(c.dir)
}

// installed finds the newest server's programs.
func installed() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	slices.SortFunc(found, func(a, b string) int { return major(b) - major(a) })
	for _, p := range found {
		if _, err := os.Stat(filepath.Join(filepath.Dir(p), "initdb")); err == nil {
			return filepath.Dir(p), nil
		}
	}
	p, err := exec.LookPath("initdb")
	if err != nil {
		return "", errors.New("no initdb in /usr/lib/postgresql/*/bin or on the PATH")
	}
	if real, err := filepath.EvalSymlinks(p); err == nil {
		p = real
	}
	return filepath.Dir(p), nil
}

func major(p string) int {
	n, _ := strconv.Atoi(strings.Split(p, "/")[4])
	return n
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
