package planner

import (
	"fmt"
	"strings"

	"github.com/florin-studio/florin/token"
)

// Text is the answer for people, in lines of plain text.
func (a *Answer) Text() string {
	var b strings.Builder
	title := a.Project
	if title == "" {
		title = "Project"
	}
	fmt.Fprintf(&b, "%s: %s\n\n", title, many(int64(a.Pictures), "picture"))
	a.writeTotals(&b)
	fmt.Fprintf(&b, "\n%s\n", a.Advice.Reason)
	a.writeOutcomes(&b)
	o := a.Advised()
	if o == nil {
		return b.String()
	}
	s := o.Fastest
	if a.Advice.Schedule == "cheapest" {
		s = o.Cheapest
	}
	fmt.Fprintf(&b, "\nDay by day (%s), times in %s\n", a.Advice.Schedule, a.Zone)
	s.write(&b)
	if other := o.Cheapest; other != nil && other != s {
		fmt.Fprintf(&b, "\nCheaper, if it may take until %s: %s, which saves %s.\n", other.FinishDate, many(other.Tokens, "token"), commas(s.Tokens-other.Tokens))
	}
	if o.FastLane != nil {
		fmt.Fprintf(&b, "\nWithout the relaxed lane: %s, finished on %s.\n", many(o.FastLane.Tokens, "token"), o.FastLane.FinishDate)
	}
	return b.String()
}

// Advised is the situation that is recommended, or nil.
func (a *Answer) Advised() *Outcome {
	switch a.Advice.Kind {
	case "here":
		return &a.Here
	case "plan":
		for i := range a.Plans {
			if a.Plans[i].Plan == a.Advice.Plan {
				return &a.Plans[i]
			}
		}
	case "pack":
		for i := range a.Packs {
			if a.Packs[i].Pack == a.Advice.Pack {
				return &a.Packs[i]
			}
		}
	}
	return nil
}

func (a *Answer) writeTotals(b *strings.Builder) {
	b.WriteString("In the best jobs\n")
	for _, l := range a.Batched.Lines {
		each := ""
		if l.Images > 1 {
			each = fmt.Sprintf(" of %d", l.Images)
		}
		fmt.Fprintf(b, "%10s  %s: %s%s at %s\n", commas(l.Tokens), l.What, many(int64(l.Jobs), "job"), each, commas(l.Price))
	}
	fmt.Fprintf(b, "%10s  tokens\n", commas(a.Batched.Tokens))
	if a.Asked.Tokens != a.Batched.Tokens {
		fmt.Fprintf(b, "%10s  one picture at a time\n", commas(a.Asked.Tokens))
	}
	for _, s := range a.Savings {
		fmt.Fprintf(b, "%10s  saved: %s\n", commas(s.Tokens), s.Text)
	}
}

func (a *Answer) writeOutcomes(b *strings.Builder) {
	b.WriteString("\n")
	for _, o := range append(append([]Outcome{a.Here}, a.Plans...), a.Packs...) {
		name := o.Name
		switch {
		case o.Kind == "here":
			name += " (now)"
		case o.Quantity > 1:
			name = fmt.Sprintf("%d × %s", o.Quantity, name)
		}
		fmt.Fprintf(b, "  %-20s  %s\n", name, o.line(a.By != 0))
	}
}

// line sums a situation up.
func (o *Outcome) line(dated bool) string {
	switch {
	case o.Refused != nil:
		text := "not possible: " + string(o.Refused.Reason)
		if o.Refused.Feature != "" {
			text += " for " + o.Refused.Feature
		}
		return text
	case o.Fastest == nil:
		return "not within three years"
	}
	text := fmt.Sprintf("%s  %s", o.Fastest.FinishDate, many(o.Fastest.Tokens, "token"))
	if o.Money > 0 {
		text += "  " + money(o.Money, o.Currency)
	}
	if o.Fastest.Relaxed > 0 {
		text += fmt.Sprintf("  %s relaxed", many(int64(o.Fastest.Relaxed), "picture"))
	}
	if dated && !o.Feasible {
		text += "  too late"
		if o.Missing > 0 {
			text += fmt.Sprintf(", %s missing on the date", many(o.Missing, "token"))
		}
	}
	return text
}

// write tells the days; those that repeat the one before are told once.
func (s *Schedule) write(b *strings.Builder) {
	for i := 0; i < len(s.Days); {
		d := &s.Days[i]
		same := 1
		for i+same < len(s.Days) && d.Time == s.Days[i+same].Time && d.text() == s.Days[i+same].text() {
			same++
		}
		dates := d.Date
		if same > 1 {
			dates += " to " + s.Days[i+same-1].Date + " (" + many(int64(same), "time") + ")"
		}
		fmt.Fprintf(b, "  %s, %s\n", dates, d.Time)
		for _, line := range strings.Split(d.text(), "\n") {
			fmt.Fprintf(b, "      %s\n", line)
		}
		i += same
	}
	fmt.Fprintf(b, "  %s: finished. %s taken, %s left", s.FinishDate, many(s.Tokens, "token"), commas(s.Balance))
	if s.Expires > 0 {
		fmt.Fprintf(b, ", %s expired unused on the way", commas(s.Expires))
	}
	b.WriteString(".\n")
}

func (d *Day) text() string {
	var lines []string
	for _, c := range d.Changes {
		if c.What != "reset" {
			lines = append(lines, c.text())
		}
	}
	for _, w := range d.Work {
		text := fmt.Sprintf("%s: %s", w.What, many(int64(w.Jobs*w.Images), "picture"))
		if w.Images > 1 {
			text += fmt.Sprintf(" in %s of %d", many(int64(w.Jobs), "job"), w.Images)
		}
		if w.Lane == token.Relaxed {
			text += ", in the relaxed lane for nothing"
		} else {
			text += ", " + many(w.Tokens, "token")
		}
		lines = append(lines, text)
	}
	return strings.Join(append(lines, fmt.Sprintf("balance %s → %s", commas(d.Before), commas(d.After))), "\n")
}

func (c *Change) text() string {
	switch c.What {
	case "expired":
		return fmt.Sprintf("%s %s expire unused", commas(c.Tokens), c.Kind)
	case "plan":
		return "the plan " + c.Plan + " begins"
	case "renewal":
		return "the billing cycle renews"
	case "moved":
		return fmt.Sprintf("%s move to the bank", many(c.Tokens, "token"))
	case "returned":
		return fmt.Sprintf("%s come back from a hold", many(c.Tokens, "token"))
	}
	return fmt.Sprintf("%s %s come", commas(c.Tokens), c.Kind)
}

func many(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return commas(n) + " " + noun + "s"
}
