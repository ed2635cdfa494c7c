package form

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// Fault is one thing wrong in a file.
type Fault struct {
	File string `json:"file"`
	// Line and Column count from 1, Column in characters.
	Line   int `json:"line"`
	Column int `json:"column"`
	// Path is the field's, such as plans[2].allowance.tokens; empty for the whole file.
	Path string `json:"path,omitempty"`
	// Value is what stands there, as text.
	Value string `json:"value,omitempty"`
	// Problem says what is wrong with it, Allowed what would be right.
	Problem string `json:"problem"`
	Allowed string `json:"allowed,omitempty"`
	// Excerpt is the line, with a caret under the column in a second line.
	Excerpt string `json:"excerpt,omitempty"`
}

// Error says the fault with its place and the line it stands in.
func (f Fault) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: ", f.File, f.Line, f.Column)
	if f.Path != "" {
		b.WriteString(f.Path + ": ")
	}
	if f.Value != "" {
		b.WriteString(strconv.Quote(f.Value) + " ")
	}
	b.WriteString(f.Problem)
	if f.Allowed != "" {
		b.WriteString("; allowed: " + f.Allowed)
	}
	if f.Excerpt != "" {
		b.WriteString("\n" + f.Excerpt)
	}
	return b.String()
}

// Faults are all faults of a file, in the order in which they stand there.
type Faults []Fault

// Error has one paragraph for each fault.
func (f Faults) Error() string {
	texts := make([]string, len(f))
	for i := range f {
		texts[i] = f[i].Error()
	}
	return strings.Join(texts, "\n")
}

func (f Faults) sort() {
	sort.SliceStable(f, func(i, j int) bool {
		if f[i].Line != f[j].Line {
			return f[i].Line < f[j].Line
		}
		return f[i].Column < f[j].Column
	})
}

// widest is how much of a long line an excerpt shows, in characters.
const widest = 160

// excerpt shows a line, or the part of a long one around the column, with a caret below
// the column. Tabs stay, so that the caret lines up.
func excerpt(lines []string, line, column int) string {
	if line < 1 || line > len(lines) {
		return ""
	}
	text := []rune(strings.TrimRight(lines[line-1], "\r"))
	caret := min(max(column-1, 0), len(text))
	before, after := "", ""
	if from := caret - widest/2; from > 0 && len(text) > widest {
		text, caret, before = text[from:], widest/2+1, "…"
	}
	if len(text) > widest {
		text, after = text[:widest], "…"
	}
	shown := []rune(before + string(text) + after)
	var pad strings.Builder
	for _, r := range shown[:min(caret, len(shown))] {
		if r == '\t' {
			pad.WriteRune('\t')
		} else {
			pad.WriteByte(' ')
		}
	}
	number := fmt.Sprintf("%5d", line)
	return number + " | " + string(shown) + "\n" + strings.Repeat(" ", len(number)) + " | " + pad.String() + "^"
}
