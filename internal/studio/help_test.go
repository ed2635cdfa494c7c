package studio_test

import (
	"bytes"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

func requestOf(c token.Command, at int64) ledger.Request {
	return ledger.Request{Account: account, Request: token.Request{At: calendar.Instant(at), Command: c}}
}

// dearer is a catalog in which the plain picture costs ten times as much.
func dearer(*catalog.Catalog) []byte {
	text := catalog.DefaultYAML()
	before := []byte("tokens: {1: 1, 4: 4}")
	if !bytes.Contains(text, before) {
		panic("the default catalog is written in another way")
	}
	text = bytes.ReplaceAll(text, before, []byte("tokens: {1: 10, 4: 40}"))
	if i := bytes.Index(text, []byte("\nexamples:")); i > 0 {
		text = text[:i+1]
	}
	return text
}
