// Package scenario runs stories about an account against a catalog with a virtual
// clock: what is asked of it when, and what must be true at each moment. Operators
// check a catalog with it before they deploy it, and the rules T1 to T29 are shown by
// it (see catalog/testdata/scenarios).
//
// It promises to decide with the real token engine ([token.Book]), to change nothing
// when something is only looked at, and to tell for the first step that differs every
// field with what was wanted and what came out. It keeps nothing between scenarios.
//
// A scenario:
//
//	name: free account, DST night in Rome
//	zone: Europe/Rome
//	plan: free
//	steps:
//	  - {at: "2026-03-28T10:00:00+01:00", hold: {id: a, tokens: 100}}
//	  - {at: "2026-03-28T10:05:00+01:00", settle: {id: a, tokens: 60}}
//	  - {at: "2026-03-28T11:00:00+01:00", expect: {balance: 90, held: 0}}
package scenario
