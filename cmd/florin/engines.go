package main

import (
	"github.com/florin-studio/florin/internal/engine/builtin"
	"github.com/florin-studio/florin/internal/engine/retouch"
	"github.com/florin-studio/florin/internal/engine/texture"
)

// builtinEngine is the engine that is always there, for the server and for `florin engine run` alike.
func (s *streams) builtinEngine() *builtin.Engine {
	painter := builtin.New()
	return builtin.New(retouch.New(painter.Run), s.visionEngine(), texture.New())
}
