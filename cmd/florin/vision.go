package main

import (
	"os"

	"github.com/florin-studio/florin/internal/engine/vision"
)

// visionEngine enlarges pictures and cuts out subjects, with the models of the data
// folder. Where the program does not know its own file, its worker does not start, and
// says so when it is asked to.
func (s *streams) visionEngine() *vision.Engine {
	exe, err := os.Executable()
	if err != nil {
		exe = os.Args[0]
	}
	return vision.New(s.modelStore(), exe)
}

// visionWorkerCmd is what the server starts for itself to keep native code in a process
// of its own.
type visionWorkerCmd struct {
	Library string `arg:"" help:"ONNX Runtime's library."`
	Threads int    `help:"Threads." default:"1"`
	Memory  uint64 `help:"Limit of the process's data in bytes; 0 is none." default:"0"`
}

// Run works until the input ends.
func (c *visionWorkerCmd) Run(*streams) error { return vision.Work(c.Library, c.Threads, c.Memory) }
