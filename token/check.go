package token

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxID bounds the ids and keys that callers choose, and maxText what people write, in bytes.
const (
	maxID   = 200
	maxText = 4000
)

// Commands are decided between firstInstant and lastInstant, so that every instant that
// follows from one can be written: grants end by endInstant or never.
const (
	firstInstant Instant = 1
	lastInstant  Instant = 221845392000000 // 9000-01-01T00:00:00Z
	endInstant   Instant = 253402300799999 // 9999-12-31T23:59:59.999Z
)

// maxCycle is longer than any billing cycle or day, in milliseconds.
const maxCycle = 40 * 24 * 60 * 60 * 1000

func (req Request) check() error {
	switch {
	case req.Command == nil:
		return &Invalid{Field: "command", Allowed: "a command"}
	case req.At < firstInstant || req.At > lastInstant:
		return &Invalid{Field: "at", Value: strconv.FormatInt(int64(req.At), 10), Allowed: "milliseconds after 1970 and before the year 9000"}
	}
	if err := checkOptional("key", req.Key); err != nil {
		return err
	}
	return req.Command.check()
}

// checkID refuses ids that could not be kept exactly by every store: JSON knows only
// valid UTF-8, and some databases know no control characters.
func checkID(field, id string) error {
	control := func(r rune) bool { return r < ' ' || r == 0x7f }
	if id == "" || len(id) > maxID || !utf8.ValidString(id) || strings.ContainsFunc(id, control) {
		return &Invalid{Field: field, Value: id, Allowed: "1 to 200 bytes of UTF-8 without control characters"}
	}
	return nil
}

// checkTexts refuses what can't be written into a journal exactly.
func checkTexts(fields ...[2]string) error {
	for _, f := range fields {
		if len(f[1]) > maxText || !utf8.ValidString(f[1]) || strings.ContainsRune(f[1], 0) {
			return &Invalid{Field: f[0], Value: f[1], Allowed: "at most 4000 bytes of UTF-8 without NUL"}
		}
	}
	return nil
}

func checkLines(lines []Line) error {
	for _, l := range lines {
		if err := checkTexts([2]string{"lines.rule", l.Rule}, [2]string{"lines.text", l.Text}); err != nil {
			return err
		}
	}
	return nil
}

func checkInstant(field string, at Instant) error {
	if at < 0 || at > endInstant {
		return &Invalid{Field: field, Value: strconv.FormatInt(int64(at), 10), Allowed: "milliseconds from 1970 to 9999"}
	}
	return nil
}

func checkOptional(field, id string) error {
	if id == "" {
		return nil
	}
	return checkID(field, id)
}

func checkSpan(field string, ms int64) error {
	if ms < 0 || ms > 1000*365*86400*1000 {
		return &Invalid{Field: field, Value: strconv.FormatInt(ms, 10), Allowed: "0 to 1000 years, in milliseconds"}
	}
	return nil
}

func (c Open) check() error {
	return checkTexts([2]string{"plan", c.Plan}, [2]string{"zone", c.Zone})
}

func (c TakeHold) check() error {
	if err := checkSpan("expires_in", c.ExpiresIn); err != nil {
		return err
	}
	return checkPrice(c.ID, c.Feature, c.Lines)
}

func (c Charge) check() error { return checkPrice(c.ID, c.Feature, c.Lines) }

func checkPrice(id, feature string, lines []Line) error {
	if err := checkID("id", id); err != nil {
		return err
	}
	if err := checkTexts([2]string{"feature", feature}); err != nil {
		return err
	}
	return checkLines(lines)
}

func (c Settle) check() error  { return checkID("id", c.ID) }
func (c Release) check() error { return checkID("id", c.ID) }

func (c Refund) check() error {
	if err := checkID("id", c.ID); err != nil {
		return err
	}
	return checkTexts([2]string{"reason", c.Reason})
}

func (c ChangePlan) check() error     { return checkTexts([2]string{"to", c.To}) }
func (c CancelPlan) check() error     { return nil }
func (c UndoPlanChange) check() error { return nil }
func (c SetZone) check() error        { return checkTexts([2]string{"to", c.To}) }
func (c Redeem) check() error         { return checkID("code", c.Code) }
func (c Touch) check() error          { return nil }

func (c MakeGrant) check() error {
	if !c.Kind.Known() {
		return &Invalid{Field: "kind", Value: string(c.Kind), Allowed: "daily, plan, bonus, gift, refund, rollover, adjustment, topup"}
	}
	if err := checkInstant("starts", c.Starts); err != nil {
		return err
	}
	if err := checkInstant("expires", c.Expires); err != nil {
		return err
	}
	if err := checkTexts([2]string{"source", c.Source}); err != nil {
		return err
	}
	return checkOptional("id", c.ID)
}

func (c Adjust) check() error {
	if c.Reason == "" {
		return &Invalid{Field: "reason", Value: "", Allowed: "a reason that people can read"}
	}
	if c.By == "" {
		return &Invalid{Field: "by", Value: "", Allowed: "the operator's name"}
	}
	return checkTexts([2]string{"reason", c.Reason}, [2]string{"by", c.By})
}

func (c Dispute) check() error {
	switch c.State {
	case DisputeOpened, DisputeWon, DisputeLost:
		return checkID("grant", c.Grant)
	}
	return &Invalid{Field: "state", Value: string(c.State), Allowed: "opened, won, lost"}
}

func (c SendGift) check() error {
	if err := checkID("to", c.To); err != nil {
		return err
	}
	return checkID("id", c.ID)
}

func (c ReceiveGift) check() error {
	if err := checkID("from", c.From); err != nil {
		return err
	}
	for _, p := range c.Parts {
		if p.Tokens < 1 || p.Tokens > Max {
			return &Invalid{Field: "parts.tokens", Value: strconv.FormatInt(p.Tokens, 10), Allowed: "1 to 9007199254740991"}
		}
		if err := checkInstant("parts.expires", p.Expires); err != nil {
			return err
		}
	}
	if len(c.Parts) == 0 {
		return &Invalid{Field: "parts", Value: "", Allowed: "at least one part"}
	}
	return checkID("id", c.ID)
}
