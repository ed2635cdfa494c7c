package vision

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/vision/ort"
	"github.com/florin-studio/florin/internal/engine/vision/worker"
	"github.com/florin-studio/florin/internal/models"
)

// ID is the engine's.
const ID = "vision"

// Limits.
const (
	// maxSide is the longest side of a picture that is taken or made, in pixels.
	maxSide = 16384
	// maxResult bounds what the upscalers make, in pixels.
	maxResult = 20_000_000
	// maxSource bounds the pictures whose subject is cut out, in pixels.
	maxSource = 40_000_000
	// workerMemory is what the worker's process may take, in bytes: ISNet needs 1.3 GB.
	workerMemory = 3 << 30
	// workerTimeout bounds one run of a network. The slowest, ISNet, takes five seconds
	// of one core, and machines are busy or slow.
	workerTimeout = 5 * time.Minute
	workerStart   = time.Minute
	workerIdle    = time.Minute
)

// Engine enlarges pictures and cuts out subjects. Close ends its worker.
type Engine struct {
	store  models.Store
	client *worker.Client
	// ill is set while the last attempt to start a worker failed.
	ill atomic.Bool
}

var _ engine.Engine = (*Engine)(nil)

// New makes the engine. The program at exe is florin itself, which is started again as
// the worker; no worker is started before there is something to do.
func New(store models.Store, exe string) *Engine {
	e := &Engine{store: store}
	e.client = &worker.Client{Command: func() *exec.Cmd { return e.command(exe) }, Timeout: workerTimeout, StartTimeout: workerStart, Idle: workerIdle}
	return e
}

// command makes the worker's command. Its environment holds nothing of the server's
// settings, some of which are secrets.
func (e *Engine) command(exe string) *exec.Cmd {
	library, err := e.store.Open(models.Runtime)
	if err != nil {
		return &exec.Cmd{Err: err}
	}
	cmd := exec.Command(exe, "vision-worker", "--threads", strconv.Itoa(min(runtime.GOMAXPROCS(0), 8)), "--memory", strconv.Itoa(workerMemory), library)
	cmd.Env = []string{}
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); name == "PATH" || name == "HOME" || name == "TMPDIR" || name == "LD_LIBRARY_PATH" || name == "LANG" {
			cmd.Env = append(cmd.Env, pair)
		}
	}
	return cmd
}

// Close ends the worker. A later task starts a new one.
func (e *Engine) Close() { e.client.Close() }

// Used tells what the workers have used so far: CPU time and the largest resident memory.
func (e *Engine) Used() worker.Usage { return e.client.Used() }

// runs tells whether networks can be run.
func (e *Engine) runs() bool { return ort.Supported && e.store.Installed(models.Runtime) }

// Describe tells what is installed at this moment.
func (e *Engine) Describe() engine.Description {
	d := engine.Description{
		ID: ID, Name: "Picture tools", Honesty: "Lanczos resampling, no AI model",
		Operations: []engine.Operation{engine.Upscale, engine.AlchemyUpscale},
		MaxWidth:   maxSide, MaxHeight: maxSide, Slots: 1, Cancels: true,
	}
	if e.runs() {
		d.Honesty = "Real-ESRGAN networks enlarge, on this machine's processor"
	}
	if e.runs() && e.store.Installed(models.ISNet) {
		d.Honesty += "; ISNet finds the subject"
		d.Operations = append(d.Operations, engine.RemoveBackground)
	} else {
		d.Missing = map[engine.Operation]string{engine.RemoveBackground: e.missing()}
	}
	return d
}

// missing says why the background can't be removed and what to do about it.
func (e *Engine) missing() string {
	if !ort.Supported || !e.store.Supported(models.Runtime) {
		return "Background removal is not installed: there is no ONNX Runtime for this build or machine (" + runtime.GOOS + " on " + runtime.GOARCH + ")."
	}
	return "Background removal is not installed. An administrator installs it on the page Models, or with: florin models install background"
}

// Health is good until a worker failed to start; then it tries again. It starts nothing
// otherwise: it is asked for often, and a worker that is idle should be sent home.
func (e *Engine) Health(ctx context.Context) error {
	if !e.runs() || !e.ill.Load() {
		return nil
	}
	err := e.client.Ready(ctx)
	if err == nil {
		e.ill.Store(false)
	}
	return err
}

// Run does one task.
func (e *Engine) Run(ctx context.Context, t engine.Task, report engine.Report) (engine.Result, error) {
	if report == nil {
		report = func(int) {}
	}
	if err := ctx.Err(); err != nil {
		return engine.Result{}, cancelled(err)
	}
	var do func(context.Context, engine.Task, *image.NRGBA, engine.Report) (engine.Result, error)
	switch t.Operation {
	case engine.Upscale, engine.AlchemyUpscale:
		do = e.upscale
	case engine.RemoveBackground:
		do = e.removeBackground
	default:
		return engine.Result{}, refused("the operation %q is not one of the picture tools", t.Operation)
	}
	if t.Source == nil || t.Source.Image == nil || t.Source.Image.Bounds().Empty() {
		return engine.Result{}, refused("%s needs a picture to work on", t.Operation)
	}
	if size := t.Source.Image.Bounds().Size(); size.X > maxSide || size.Y > maxSide || size.X*size.Y > maxSource {
		return engine.Result{}, refused("the picture has %d×%d pixels; at most %d a side and %d megapixels are taken", size.X, size.Y, maxSide, maxSource/1_000_000)
	}
	if err := e.check(t); err != nil {
		return engine.Result{}, err
	}
	report(0)
	source, err := plain(ctx, t.Source.Image)
	if err != nil {
		return engine.Result{}, cancelled(err)
	}
	r, err := do(ctx, t, source, rising(report))
	if err != nil {
		if errors.Is(err, worker.ErrStart) {
			e.ill.Store(true)
		}
		return engine.Result{}, classed(ctx, err)
	}
	r.Seed = t.Seed
	report(100)
	return r, nil
}

// check refuses what can't be done before any work is put into it.
func (e *Engine) check(t engine.Task) error {
	size := t.Source.Image.Bounds().Size()
	switch {
	case t.Operation == engine.RemoveBackground && (!e.runs() || !e.store.Installed(models.ISNet)):
		return refused("%s", e.missing())
	case t.Operation == engine.RemoveBackground:
		return nil
	case t.Scale != 0 && t.Scale != 2 && t.Scale != 4:
		return refused("the scale is %d; 2 and 4 are possible", t.Scale)
	case t.Style != "" && t.Style != generalModel && t.Style != animationModel:
		return refused("the style is %q; %s and %s are possible", t.Style, generalModel, animationModel)
	}
	if scale := scaleOf(t); size.X*size.Y > maxResult/(scale*scale) || size.X*scale > maxSide || size.Y*scale > maxSide {
		return refused("%d times larger, the picture would have %d×%d pixels; at most %d megapixels and %d pixels a side are possible",
			scale, size.X*scale, size.Y*scale, maxResult/1_000_000, maxSide)
	}
	return nil
}

// rising passes progress on only where it rises, and never past 99: the end is Run's.
func rising(report engine.Report) engine.Report {
	last := 0
	return func(percent int) {
		if percent = min(percent, 99); percent > last {
			last = percent
			report(percent)
		}
	}
}

func refused(format string, args ...any) *engine.Error {
	return &engine.Error{Class: engine.Refused, Reason: fmt.Sprintf(format, args...)}
}

func cancelled(err error) *engine.Error {
	return &engine.Error{Class: engine.Cancelled, Reason: "the work was called off", Err: err}
}

// classed sorts the errors of a task.
func classed(ctx context.Context, err error) error {
	var known *engine.Error
	switch {
	case errors.As(err, &known):
		return err
	case ctx.Err() != nil:
		return cancelled(ctx.Err())
	case errors.Is(err, worker.ErrStart):
		return &engine.Error{Class: engine.Broken, Reason: "the picture tools are installed but do not start", Err: err}
	case errors.Is(err, models.ErrDamaged):
		return &engine.Error{Class: engine.Broken, Reason: "a model file is damaged; install it again", Err: err}
	case errors.Is(err, worker.ErrLate):
		return &engine.Error{Class: engine.Transient, Reason: "the picture tools took too long", Err: err}
	default:
		return &engine.Error{Class: engine.Transient, Reason: "the picture tools failed", Err: err}
	}
}
