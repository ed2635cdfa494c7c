package token

import "strconv"

// maxID bounds the ids that callers choose, in bytes.
const maxID = 200

func checkID(field, id string) error {
	if id == "" || len(id) > maxID {
		return &Invalid{Field: field, Value: id, Allowed: "1 to 200 bytes"}
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

func (c Open) check() error { return nil }

func (c TakeHold) check() error {
	if err := checkID("id", c.ID); err != nil {
		return err
	}
	return checkSpan("expires_in", c.ExpiresIn)
}

func (c Charge) check() error         { return checkID("id", c.ID) }
func (c Settle) check() error         { return checkID("id", c.ID) }
func (c Release) check() error        { return checkID("id", c.ID) }
func (c Refund) check() error         { return checkID("id", c.ID) }
func (c ChangePlan) check() error     { return nil }
func (c CancelPlan) check() error     { return nil }
func (c UndoPlanChange) check() error { return nil }
func (c SetZone) check() error        { return nil }
func (c Redeem) check() error         { return checkID("code", c.Code) }
func (c Touch) check() error          { return nil }

func (c MakeGrant) check() error {
	if !c.Kind.Known() {
		return &Invalid{Field: "kind", Value: string(c.Kind), Allowed: "daily, plan, bonus, gift, refund, rollover, adjustment, topup"}
	}
	if c.Expires < 0 || c.Starts < 0 {
		return &Invalid{Field: "expires", Value: c.Expires.String(), Allowed: "an instant after 1970"}
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
	return nil
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
	}
	if len(c.Parts) == 0 {
		return &Invalid{Field: "parts", Value: "", Allowed: "at least one part"}
	}
	return checkID("id", c.ID)
}
