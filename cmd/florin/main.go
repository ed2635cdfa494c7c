// Command florin is the whole program: the studio's server and the tools around it.
//
// It joins the packages and decides nothing itself: one file for each command, run.go
// for what they share and the order of starting and stopping.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is set by the build.
var version = "dev"

// common are the settings that every command takes.
type common struct {
	Data     string `help:"Folder of the database and the pictures." default:"./data" placeholder:"FOLDER"`
	Database string `help:"Database: postgres://… or a SQLite file; florin.db in the data folder by default." placeholder:"URL"`
	Catalog  string `help:"Catalog file; the built-in catalog by default." placeholder:"FILE"`
	JSON     bool   `help:"Print plain JSON objects." name:"json"`
	Config   string `help:"Settings file in YAML: the names of the flags as keys." placeholder:"FILE"`
}

// cli is the command line.
type cli struct {
	common

	Serve     serveCmd     `cmd:"" help:"Start the studio's server."`
	User      userCmd      `cmd:"" help:"People: create, list."`
	Key       keyCmd       `cmd:"" help:"Keys for programs: create, list, revoke."`
	Webhook   webhookCmd   `cmd:"" help:"Webhooks: list, create, test, replay and more."`
	Balance   balanceCmd   `cmd:"" help:"Show how an account stands, now or at any instant."`
	Price     priceCmd     `cmd:"" help:"Show what a request costs, line by line."`
	Catalogs  catalogCmd   `cmd:"" name:"catalog" help:"The price list: print, check, diff, test, schema."`
	Ledger    ledgerCmd    `cmd:"" help:"The journal: verify, export, import."`
	Usage     usageCmd     `cmd:"" help:"Tokens and pictures by day, feature, plan, lane and outcome."`
	Statement statementCmd `cmd:"" help:"An account's journal as CSV or JSON Lines."`
	Plan      planCmd      `cmd:"" help:"Plan a project: what it costs, what is done when, which plan fits."`
	Simulate  simulateCmd  `cmd:"" help:"Simulators: the ledger under faults, the queue under load."`
	Engines   enginesCmd   `cmd:"" help:"How the engines of the running servers stand."`
	Engine    engineCmd    `cmd:"" help:"The built-in engine: try an operation without the server."`
	Models    modelsCmd    `cmd:"" help:"Model files: list, install, import, verify, remove."`
	Version   versionCmd   `cmd:"" help:"Print the version."`

	VisionWorker visionWorkerCmd `cmd:"" hidden:"" help:"Work for the server: runs neural networks."`
}

// streams are where a command reads and writes, and the settings it shares.
type streams struct {
	common
	ctx context.Context
	out io.Writer
	err io.Writer
}

// quiet is an error whose explanation has been printed: it only sets the exit code.
type quiet struct{ error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// run is the program without the process: arguments and streams in, exit code out.
func run(ctx context.Context, args, environ []string, out, errs io.Writer) int {
	var c cli
	exited := -1
	parser, err := kong.New(&c, kong.Name("florin"), kong.Writers(out, errs), kong.Exit(func(code int) { exited = code }),
		kong.Description("A self-hosted image studio whose fuel is tokens.\n\nStart with \"florin serve\", then open the printed address."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}))
	if err != nil {
		return complain(errs, err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	if err := applySettings(parser, args, environ); err != nil {
		return complain(errs, err)
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		return complain(errs, nearestWord(parser, err))
	}
	s := &streams{common: c.common, ctx: ctx, out: out, err: errs}
	if err := parsed.Run(s); err != nil {
		var said quiet
		if errors.As(err, &said) {
			return 1
		}
		return complain(errs, err)
	}
	return 0
}

func complain(errs io.Writer, err error) int {
	fmt.Fprintln(errs, "florin: "+strings.TrimSpace(err.Error()))
	return 1
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(s *streams) error {
	if s.JSON {
		return s.print(map[string]string{"name": "florin", "version": version})
	}
	_, err := fmt.Fprintln(s.out, "florin "+version)
	return err
}
