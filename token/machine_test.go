package token_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/florin-studio/florin/token"
	"pgregory.net/rapid"
)

// The tests of this file drive random commands at random times through a Book and
// through the oracle, and compare everything that anybody could see. A failure prints
// a shrunken list of commands and the flags that replay it.
//
// For a long campaign give rapid more checks and Go more time:
//
//	go test ./token -run Machine -rapid.checks=100000 -rapid.steps=60 -timeout 0

// machine is one account in two worlds.
type machine struct {
	rules   *token.Rules
	book    *token.Book
	oracle  *oracle
	audit   *audit
	now     int64
	version int
	keys    int
	asked   []asked
	entries int
	last    token.Command
	memory  memory
	start   submitted
	log     []submitted
}

// submitted is a command as it was asked, accepted or not.
type submitted struct {
	rules *token.Rules
	req   token.Request
}

type asked struct {
	key string
	cmd token.Command
}

const me, other = "me", "other"

func TestMachineAgainstOracle(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"1", "2", "3"} { // three times what -rapid.checks says
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) { newMachine(t).run(t) })
		})
	}
}

func newMachine(t *rapid.T) *machine {
	m := &machine{rules: drawRules(t), audit: newAudit(), memory: memory{names: map[string]*token.Entry{}}}
	m.now = drawStart(t)
	plan := rapid.SampledFrom(m.rules.Plans).Draw(t, "plan")
	zone := rapid.SampledFrom(zones).Draw(t, "zone")
	m.start = submitted{m.rules, token.Request{At: token.Instant(m.now), Command: token.Open{Plan: plan.ID, Zone: zone}}}
	m.book = m.start.openBook(t)
	m.memory.book = m.book
	m.oracle = openOracle(m.rules, plan, zone, m.now)
	m.check(t)
	return m
}

// openBook opens the account, and another one that redeems a code with a limit.
func (s submitted) openBook(t *rapid.T) *token.Book {
	b := &token.Book{}
	for _, id := range []string{other, me} {
		if _, err := b.Submit(s.rules, id, s.req); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Submit(s.rules, other, token.Request{At: s.req.At, Command: token.Redeem{Code: "full"}}); err != nil {
		t.Fatal(err)
	}
	return b
}

func openOracle(r *token.Rules, plan token.Plan, zone string, now int64) *oracle {
	o := &oracle{
		rules: r, plan: plan.ID, zone: zone, at: now, opened: now, began: now,
		made: map[string]*pile{}, paid: map[string][]*coin{}, codes: map[string]bool{}, carried: map[int]int{}, keys: map[string]string{},
		begun: map[string]string{}, ended: map[string]string{}, given: map[string]string{},
	}
	o.nextReset = o.resetAfter(now)
	if plan.Every == token.Month {
		o.startCycle(plan)
	} else {
		o.giveDay(int(plan.Allowance))
	}
	return o
}

func (m *machine) run(t *rapid.T) {
	t.Repeat(map[string]func(*rapid.T){
		"spend":   func(t *rapid.T) { m.ask(t, m.drawSpending(t)) },
		"spend2":  func(t *rapid.T) { m.ask(t, m.drawSpending(t)) },
		"manage":  func(t *rapid.T) { m.ask(t, m.drawManaging(t)) },
		"repeat":  m.repeat,
		"peek":    m.peek,
		"catalog": m.changeCatalog,
	})
}

// ask submits a command in both worlds, after some time.
func (m *machine) ask(t *rapid.T, c token.Command) {
	key := ""
	_, adjust := c.(token.Adjust)
	if adjust || rapid.IntRange(0, 3).Draw(t, "keyed") > 0 {
		m.keys++
		key = "k" + strconv.Itoa(m.keys)
	}
	m.submit(t, key, c)
}

// repeat uses a key again, for the same command or for another.
func (m *machine) repeat(t *rapid.T) {
	if len(m.asked) == 0 {
		t.Skip("nothing was asked yet")
	}
	old := rapid.SampledFrom(m.asked).Draw(t, "again")
	c := old.cmd
	if rapid.IntRange(0, 2).Draw(t, "other") == 0 {
		c = m.drawSpending(t)
	}
	m.submit(t, old.key, c)
}

func (m *machine) submit(t *rapid.T, key string, c token.Command) {
	m.jump(t)
	t.Logf("%s %q %s", token.Instant(m.now), key, text(c))
	before, _ := m.book.Account(me)
	m.last = c
	was, lines := encode(before), len(m.book.Journal(me))
	after, v := m.oracle.submit(m.rules, key, m.now, c)
	req := token.Request{Key: key, At: token.Instant(m.now), Command: c}
	m.log = append(m.log, submitted{m.rules, req})
	hasty := m.decideHastily(t, before, req)
	receipt, err := m.book.Submit(m.rules, me, req)
	m.compareOutcome(t, v, receipt, err)
	account, _ := m.book.Account(me)
	if err != nil || receipt.Replayed {
		if encode(account) != was || len(m.book.Journal(me)) != lines {
			t.Fatalf("a refused or repeated command changed the account:\n%s\n%s", was, encode(account))
		}
	} else {
		m.oracle = after
		m.asked = append(m.asked, asked{key, c})
		m.accepted(t, before, account, receipt, c)
	}
	_, touch := c.(token.Touch) // leaves nothing behind, not even its key
	if is := outcome(account, receipt.Replayed, err); is != hasty && !touch && !errorIs(err, token.CodeUsedUp) {
		t.Fatalf("asking the memory only where needed gives\n%s\nand always\n%s", hasty, is)
	}
	m.check(t)
}

// decideHastily decides as a ledger does whose store refuses names that are taken.
func (m *machine) decideHastily(t *rapid.T, a token.Account, req token.Request) string {
	d, err := m.rules.Decide(a, req, m.memory, false)
	if slices.ContainsFunc(d.Names, func(name string) bool { return m.memory.names[name] != nil }) {
		d, err = m.rules.Decide(a, req, m.memory, true)
	}
	if err != nil || len(d.Entries) == 0 {
		d.Account = a
	}
	return outcome(d.Account, d.Replay != nil, err)
}

func outcome(a token.Account, replayed bool, err error) string {
	return fmt.Sprintf("%v %v %s", err, replayed, encode(a))
}

func errorIs(err error, reason token.Reason) bool {
	var refusal *token.Refusal
	return errors.As(err, &refusal) && refusal.Reason == reason
}

// memory is what a ledger remembers of the account: entries by unique name, and all of them.
type memory struct {
	names map[string]*token.Entry
	book  *token.Book
}

func (h memory) ByName(name string) (*token.Entry, error) { return h.names[name], nil }

// Entries leaves out what it may.
func (h memory) Entries(after int64, grants func() []string, visit func(*token.Entry) error) error {
	for _, e := range h.book.Journal(me)[after:] {
		if slices.ContainsFunc(e.Postings, func(p token.Posting) bool { return slices.Contains(grants(), p.Grant) }) {
			if err := visit(&e); err != nil {
				return err
			}
		}
	}
	return nil
}

func (h memory) LastName(prefix string) (string, error) {
	last := ""
	for name := range h.names {
		if strings.HasPrefix(name, prefix) {
			last = max(last, name)
		}
	}
	return last, nil
}

// accepted checks what the journal says of a command that was carried out.
func (m *machine) accepted(t *rapid.T, before, after token.Account, receipt token.Receipt, c token.Command) {
	if receipt.Entry != nil {
		req := m.log[len(m.log)-1].req
		for _, name := range token.Names(req, []token.Entry{*receipt.Entry}) {
			m.memory.names[name] = receipt.Entry
		}
	}
	if _, touch := c.(token.Touch); touch {
		// Looking writes nothing where nothing happened, and then no time passes either.
		if len(m.book.Journal(me)) == m.entries {
			m.oracle.at = int64(before.At)
		}
		return
	}
	late := token.Instant(0)
	if token.Instant(m.now) < after.At {
		late = token.Instant(m.now)
	}
	if receipt.Entry.Requested != late || receipt.Entry.At != max(before.At, token.Instant(m.now)) {
		t.Fatalf("asked at %s: entry of %s, requested %s", token.Instant(m.now), receipt.Entry.At, receipt.Entry.Requested)
	}
}

// compareOutcome compares acceptance, refusal and its figures.
func (m *machine) compareOutcome(t *rapid.T, v verdict, receipt token.Receipt, err error) {
	var refusal *token.Refusal
	switch {
	case err == nil && len(v.reasons) > 0:
		t.Fatalf("accepted, the oracle refuses: %v", v.reasons)
	case err == nil && receipt.Replayed != v.replay:
		t.Fatalf("replayed %v, the oracle %v", receipt.Replayed, v.replay)
	case err == nil:
		return
	case !errors.As(err, &refusal):
		t.Fatalf("error %v", err)
	case !slices.Contains(v.reasons, refusal.Reason):
		t.Fatalf("refused with %v, the oracle has %v", err, v.reasons)
	}
	if v.price == 0 || (refusal.Reason != token.InsufficientTokens && refusal.Reason != token.NotAllowedRelaxed) {
		return
	}
	if refusal.Price != int64(v.price) || refusal.Balance != int64(v.balance) || refusal.Missing != int64(v.price-v.balance) {
		t.Fatalf("refusal %+v, the oracle has price %d balance %d", refusal, v.price, v.balance)
	}
	if _, negative := m.last.(token.Adjust); !negative && (!slices.Equal(refusal.Plans, v.plans) || !slices.Equal(refusal.Packs, v.packs)) {
		t.Fatalf("plans %v packs %v, the oracle has %v and %v", refusal.Plans, refusal.Packs, v.plans, v.packs)
	}
	sum := 0
	for _, n := range v.next {
		sum += n
	}
	switch {
	case refusal.Next == nil && sum == 0:
	case refusal.Next == nil || int64(refusal.Next.At) != v.nextAt || refusal.Next.Tokens != int64(sum) || v.next[string(refusal.Next.Kind)] == 0:
		t.Fatalf("next %+v, the oracle has %v at %s", refusal.Next, v.next, token.Instant(v.nextAt))
	}
}

// peek compares both worlds as they will be, and rolling in one step with rolling in many.
func (m *machine) peek(t *rapid.T) {
	m.jump(t)
	a, _ := m.book.Account(me)
	far := token.Instant(m.now)
	one := m.rules.Roll(a, far)
	o := m.oracle.clone()
	o.rules = m.rules
	o.roll(m.now)
	compare(t, m.rules, &one, o)
	many := a
	for range rapid.IntRange(1, 4).Draw(t, "stops") {
		if far <= many.At {
			break
		}
		stop := rapid.Int64Range(int64(many.At), int64(far)).Draw(t, "stop")
		if rapid.Bool().Draw(t, "at reset") {
			stop = min(int64(many.Facts.NextReset), int64(far))
		}
		many = m.rules.Roll(many, token.Instant(stop))
	}
	many = m.rules.Roll(many, far)
	if encodeState(one) != encodeState(many) {
		t.Fatalf("rolling to %s in one step differs from rolling in many:\n%s\n%s", far, encodeState(one), encodeState(many))
	}
}

// check compares the worlds now, and the account with its journal.
func (m *machine) check(t *rapid.T) {
	a, _ := m.book.Account(me)
	if int64(a.At) != m.oracle.at {
		t.Fatalf("the account is at %s, the oracle at %s", a.At, token.Instant(m.oracle.at))
	}
	m.oracle.rules = m.rules
	compare(t, m.rules, &a, m.oracle)
	journal := m.book.Journal(me)
	for _, e := range journal[m.entries:] {
		if err := m.audit.add(m.rules, e); err != nil {
			t.Fatal(err)
		}
	}
	m.entries = len(journal)
	if err := m.audit.compare(m.rules, a); err != nil {
		t.Fatal(err)
	}
}

// compare compares everything visible of an account.
func compare(t *rapid.T, r *token.Rules, a *token.Account, o *oracle) {
	t.Helper()
	if err := r.Check(a); err != nil {
		t.Fatalf("%v\n%s", err, encode(*a))
	}
	got, want := seen(r, a), o.seen()
	if got != want {
		t.Fatalf("at %s\n got %s\nwant %s\nstate %s", a.At, got, want, encode(*a))
	}
}

func seen(r *token.Rules, a *token.Account) string {
	f := a.Facts
	s := fmt.Sprintf("balance %d held %d frozen %d displayed %d relaxed %d owed %d plan %s scheduled %q zone %s cycle ends %s next reset %s\n",
		r.Balance(a), a.Held(), r.Frozen(a), r.Displayed(a), f.RelaxedUsed, f.Owed, f.Plan, f.Scheduled, f.Zone, f.CycleEnds, f.NextReset)
	last, n := "", int64(0)
	for _, g := range r.Spendable(a) {
		if line := visible(string(g.Kind), int64(g.Starts), int64(g.Expires)); line != last {
			s, last, n = flush(s, last, n), line, 0
		}
		n += g.Remaining
	}
	s = flush(s, last, n)
	for _, h := range a.Holds {
		s += fmt.Sprintf("  hold %s %s %d until %s\n", h.ID, h.Lane, h.Tokens, h.Expires)
	}
	return s
}

func flush(s, line string, n int64) string {
	if line == "" {
		return s
	}
	return s + "  " + line + ": " + strconv.FormatInt(n, 10) + "\n"
}

func (o *oracle) seen() string {
	balance := o.balance()
	s := fmt.Sprintf("balance %d held %d frozen %d displayed %d relaxed %d owed %d plan %s scheduled %q zone %s cycle ends %s next reset %s\n",
		balance, o.heldNow(), o.frozenNow(), balance-o.relaxedUsed, o.relaxedUsed, o.owed, o.plan, o.scheduled, o.zone, token.Instant(o.cycleEnd), token.Instant(o.nextReset))
	last, n := "", int64(0)
	for _, c := range o.payable() {
		if line := visible(c.of.kind, c.of.starts, c.of.ends); line != last {
			s, last, n = flush(s, last, n), line, 0
		}
		n++
	}
	s = flush(s, last, n)
	for _, h := range o.holds {
		lane := token.Fast
		if h.relaxed {
			lane = token.Relaxed
		}
		s += fmt.Sprintf("  hold %s %s %d until %s\n", h.id, lane, h.price, token.Instant(h.ends))
	}
	return s
}

func encode(a token.Account) string {
	b, err := json.Marshal(a)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// encodeState is an account without what counts entries.
func encodeState(a token.Account) string {
	a.Seq, a.Hash = 0, ""
	return encode(a)
}
