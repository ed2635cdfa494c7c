package scenario

import (
	"bufio"
	"fmt"
	"io"

	"github.com/florin-studio/florin/token"
)

// Result is what came of a scenario.
type Result struct {
	Name string `json:"name"`
	File string `json:"file"`
	Line int    `json:"line"`
	// Steps is how many the scenario has.
	Steps int `json:"steps"`
	// Step is the number of the one that differs, counted from 1, with its line, time and
	// kind; 0 where none does, or where the catalog could not be made.
	Step        int           `json:"step,omitempty"`
	StepLine    int           `json:"step_line,omitempty"`
	At          token.Instant `json:"at,omitempty"`
	Kind        string        `json:"kind,omitempty"`
	Differences []Difference  `json:"differences,omitempty"`
	Journals    []Journal     `json:"journals,omitempty"`
}

// Journal is an account's entries so far.
type Journal struct {
	Account string        `json:"account"`
	Entries []token.Entry `json:"entries"`
}

// OK tells whether everything was as it had to be.
func (r *Result) OK() bool { return len(r.Differences) == 0 }

// Write tells the result: one line, and for a difference also the step, the fields with
// what was wanted and what came out, and the journal so far.
func (r *Result) Write(w io.Writer) error {
	b := bufio.NewWriter(w)
	if r.OK() {
		fmt.Fprintf(b, "ok    %s (%d steps)\n", r.Name, r.Steps)
		return b.Flush()
	}
	fmt.Fprintf(b, "FAIL  %s\n", r.Name)
	if r.Step > 0 {
		fmt.Fprintf(b, "      step %d (%s:%d), %s at %s\n", r.Step, r.File, r.StepLine, r.Kind, r.At)
	}
	for _, d := range r.Differences {
		fmt.Fprintf(b, "      %s: wanted %s, got %s\n", d.Field, d.Wanted, d.Got)
	}
	for _, j := range r.Journals {
		fmt.Fprintf(b, "      journal of %s so far:\n", j.Account)
		for i := range j.Entries {
			writeEntry(b, &j.Entries[i])
		}
	}
	return b.Flush()
}

// writeEntry writes a journal entry with a line for each posting.
func writeEntry(w io.Writer, e *token.Entry) {
	fmt.Fprintf(w, "      %4d %s %s", e.Seq, e.At, e.Kind)
	if len(e.Command) > 2 {
		fmt.Fprintf(w, " %s", e.Command)
	}
	fmt.Fprintf(w, ", balance %d\n", e.Balance)
	for _, p := range e.Postings {
		fmt.Fprintf(w, "           %d of %s: %s to %s", p.Tokens, p.Grant, p.From, p.To)
		if p.Why != "" {
			fmt.Fprintf(w, " (%s)", p.Why)
		}
		if p.At != 0 {
			fmt.Fprintf(w, " at %s", p.At)
		}
		fmt.Fprintln(w)
	}
}
