package notify

import (
	"testing"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/token"
)

// What a charge pays for webhooks: where nobody listens, and where the installation wants
// to hear of every balance that falls, which this one does not.
func BenchmarkTell(b *testing.B) {
	rules := catalog.Default().Rules()
	at := token.Instant(1_772_366_400_000)
	a, _, err := rules.Apply(token.Account{ID: "ada"}, token.Request{At: at, Command: token.Open{}})
	if err != nil {
		b.Fatal(err)
	}
	after, entries, err := rules.Apply(a, token.Request{At: at, Command: token.Charge{ID: "1", Tokens: 1}})
	if err != nil {
		b.Fatal(err)
	}
	d := token.Decision{Account: after, Entries: entries}
	for name, l := range map[string]*listeners{"nobody": nil, "installation": {everywhere: []*Endpoint{{Events: Types, Below: 10}}}} {
		b.Run(name, func(b *testing.B) {
			s := New(Config{Now: time.Now})
			s.listeners.Store(l)
			b.ReportAllocs()
			for b.Loop() {
				if s.Tell(rules, &a, &d) != nil {
					b.Fatal("something is told")
				}
			}
		})
	}
}
