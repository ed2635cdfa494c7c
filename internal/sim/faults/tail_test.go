package faults

import (
	"bytes"
	"slices"
)

// tail keeps the end of what a server logged, for the report of its failure. It is read
// only after the server ended.
type tail struct{ text []byte }

// kept is how much is kept, in bytes.
const kept = 2000

// Write takes more of the log.
func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if more := len(t.text) - kept; more > 0 {
		t.text = slices.Delete(t.text, 0, more)
	}
	return len(p), nil
}

// String gives the last lines, without the beginning of one that is cut.
func (t *tail) String() string {
	text := t.text
	if len(text) == kept {
		if _, rest, found := bytes.Cut(text, []byte("\n")); found {
			text = rest
		}
	}
	return "its log ended with:\n" + string(text)
}
