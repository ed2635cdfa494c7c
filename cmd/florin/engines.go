package main

import (
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/builtin"
)

// builtinEngine is the engine that is always there, for the server and for `florin engine run` alike.
func (s *streams) builtinEngine() engine.Engine {
	return builtin.New(s.visionEngine())
}
