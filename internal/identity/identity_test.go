package identity_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/sqlstore"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/token"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

// clock is what the people's house goes by.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func each(t *testing.T, run func(t *testing.T, s *identity.Service, c *clock)) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		l := ledger.New(sqlstore.New(db), catalog.Default().Rules, ledger.Options{})
		t.Cleanup(func() { _ = l.Close(context.Background()) })
		c := &clock{at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
		run(t, &identity.Service{DB: db, Ledger: l, Now: c.now, Cost: identity.Cost{MemoryKiB: 64, Passes: 1}}, c)
	})
}

func ada() identity.NewPerson {
	return identity.NewPerson{Name: "Ada", Email: " Ada@Example.org", Password: "difference"}
}

func TestPeopleComeWithAnAccount(t *testing.T) {
	each(t, func(t *testing.T, s *identity.Service, _ *clock) {
		ctx := context.Background()
		p, err := s.Create(ctx, ada())
		if err != nil || p.Email != "ada@example.org" {
			t.Fatalf("%+v %v", p, err)
		}
		a, err := s.Ledger.Account(ctx, p.Account, p.Created)
		if err != nil || a.Facts.Plan != "free" {
			t.Fatalf("%+v %v", a, err)
		}
		if _, err := s.Create(ctx, ada()); !errors.Is(err, identity.ErrTaken) {
			t.Errorf("the same e-mail twice: %v", err)
		}
		odd := ada()
		odd.Email, odd.Plan = "bob@example.org", "golden"
		var refusal *token.Refusal
		if _, err := s.Create(ctx, odd); !errors.As(err, &refusal) || refusal.Reason != token.UnknownPlan {
			t.Errorf("an unknown plan: %v", err)
		}
		if people, err := s.List(ctx); err != nil || len(people) != 1 {
			t.Errorf("%v %v", people, err)
		}
	})
}

func TestInputIsChecked(t *testing.T) {
	each(t, func(t *testing.T, s *identity.Service, _ *clock) {
		for field, change := range map[string]func(*identity.NewPerson){
			"email":    func(n *identity.NewPerson) { n.Email = "Ada <ada@example.org>" },
			"password": func(n *identity.NewPerson) { n.Password = "short" },
			"name":     func(n *identity.NewPerson) { n.Name = strings.Repeat("a", 81) },
		} {
			n := ada()
			change(&n)
			var invalid *token.Invalid
			if _, err := s.Create(context.Background(), n); !errors.As(err, &invalid) || invalid.Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
	})
}

func TestSessions(t *testing.T) {
	each(t, func(t *testing.T, s *identity.Service, c *clock) {
		ctx := context.Background()
		p, err := s.Create(ctx, ada())
		if err != nil {
			t.Fatal(err)
		}
		for _, pair := range [][2]string{{"ada@example.org", "wrong word"}, {"eve@example.org", "difference"}} {
			if _, _, err := s.SignIn(ctx, pair[0], pair[1]); !errors.Is(err, identity.ErrSignIn) {
				t.Errorf("%v: %v", pair, err)
			}
		}
		_, secret, err := s.SignIn(ctx, "ADA@example.org", "difference")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.BySession(ctx, secret); err != nil || got.ID != p.ID {
			t.Errorf("%v %v", got, err)
		}
		c.at = c.at.Add(identity.SessionLife + time.Second)
		if _, err := s.BySession(ctx, secret); !errors.Is(err, identity.ErrUnknown) {
			t.Errorf("a session that is over: %v", err)
		}
		_, secret, _ = s.SignIn(ctx, "ada@example.org", "difference")
		if err := s.SignOut(ctx, secret); err != nil {
			t.Fatal(err)
		}
		if _, err := s.BySession(ctx, secret); !errors.Is(err, identity.ErrUnknown) {
			t.Errorf("a session that was ended: %v", err)
		}
	})
}

func TestKeys(t *testing.T) {
	each(t, func(t *testing.T, s *identity.Service, c *clock) {
		ctx := context.Background()
		p, err := s.Create(ctx, ada())
		if err != nil {
			t.Fatal(err)
		}
		k, secret, err := s.CreateKey(ctx, p, identity.NewKey{Name: "script"})
		if _, bad := uuid.Parse(secret); err != nil || bad != nil {
			t.Fatalf("%q %v", secret, err)
		}
		c.at = c.at.Add(time.Hour)
		if got, err := s.ByKey(ctx, secret); err != nil || got.ID != p.ID {
			t.Fatalf("%v %v", got, err)
		}
		keys, err := s.Keys(ctx, p)
		if err != nil || len(keys) != 1 || keys[0].LastUsed.Time() != c.at || strings.Contains(keys[0].Hint, secret) {
			t.Fatalf("%+v %v", keys, err)
		}
		if err := s.DeleteKey(ctx, identity.Person{ID: "eve"}, k.ID); !errors.Is(err, identity.ErrUnknown) {
			t.Errorf("eve revokes ada's key: %v", err)
		}
		if err := s.DeleteKey(ctx, p, k.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := s.ByKey(ctx, secret); !errors.Is(err, identity.ErrUnknown) {
			t.Errorf("a revoked key: %v", err)
		}
	})
}

// A webhook's secret that nobody would get is refused, and told without its value.
func TestASecretNeedsAnAddress(t *testing.T) {
	each(t, func(t *testing.T, s *identity.Service, _ *clock) {
		ctx := context.Background()
		p, err := s.Create(ctx, ada())
		if err != nil {
			t.Fatal(err)
		}
		alone := identity.NewKey{WebhookSecret: "s3cret"}
		_, _, own := s.CreateKey(ctx, p, alone)
		_, _, service := s.CreateServiceKey(ctx, alone)
		for field, err := range map[string]error{"webhook_url": own, "webhook_secret": service} {
			var invalid *token.Invalid
			if !errors.As(err, &invalid) || invalid.Field != field || !strings.Contains(invalid.Allowed, "webhook") || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%s: %v", field, err)
			}
		}
		if keys, err := s.Keys(ctx, p); err != nil || len(keys) != 0 {
			t.Errorf("%v %v", keys, err)
		}
		alone.WebhookURL = "https://shop.example/done"
		if k, _, err := s.CreateKey(ctx, p, alone); err != nil || !k.HasSecret {
			t.Errorf("%+v %v", k, err)
		}
	})
}

func TestKeysHaveABound(t *testing.T) {
	each(t, func(t *testing.T, s *identity.Service, _ *clock) {
		ctx := context.Background()
		p, err := s.Create(ctx, ada())
		if err != nil {
			t.Fatal(err)
		}
		var last identity.Key
		for range identity.MaxKeys {
			if last, _, err = s.CreateKey(ctx, p, identity.NewKey{}); err != nil {
				t.Fatal(err)
			}
		}
		var invalid *token.Invalid
		if _, _, err := s.CreateKey(ctx, p, identity.NewKey{}); !errors.As(err, &invalid) || invalid.Field != "keys" || !strings.Contains(invalid.Allowed, "100 at a time") {
			t.Errorf("one more: %v", err)
		}
		if _, _, err := s.CreateKey(ctx, p, identity.NewKey{ID: last.ID}); err != nil {
			t.Errorf("another secret for a key that is there: %v", err)
		}
		if _, _, err := s.CreateServiceKey(ctx, identity.NewKey{}); err != nil {
			t.Errorf("a service key: %v", err)
		}
		if err := s.DeleteKey(ctx, p, last.ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.CreateKey(ctx, p, identity.NewKey{}); err != nil {
			t.Errorf("after one was revoked: %v", err)
		}
	})
}

func TestSetupWorksOnce(t *testing.T) {
	each(t, func(t *testing.T, s *identity.Service, _ *clock) {
		ctx := context.Background()
		old, err := s.NewSetupCode(ctx)
		if err != nil {
			t.Fatal(err)
		}
		code, err := s.NewSetupCode(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Setup(ctx, old, identity.SignUpClosed, ada()); !errors.Is(err, identity.ErrSetup) {
			t.Errorf("an old link: %v", err)
		}
		p, err := s.Setup(ctx, code, identity.SignUpClosed, ada())
		if err != nil || !p.Admin {
			t.Fatalf("%+v %v", p, err)
		}
		second := ada()
		second.Email = "eve@example.org"
		if _, err := s.Setup(ctx, code, identity.SignUpOpen, second); !errors.Is(err, identity.ErrSetup) {
			t.Errorf("the link a second time: %v", err)
		}
		if _, err := s.SignUp(ctx, second); !errors.Is(err, identity.ErrClosed) {
			t.Errorf("signing up where it is closed: %v", err)
		}
		if needed, err := s.SetupNeeded(ctx); err != nil || needed {
			t.Errorf("%v %v", needed, err)
		}
	})
}

func TestSecretAndClockStay(t *testing.T) {
	each(t, func(t *testing.T, s *identity.Service, _ *clock) {
		ctx := context.Background()
		first, err := s.Secret(ctx)
		if err != nil || len(first) != 32 {
			t.Fatalf("%d bytes, %v", len(first), err)
		}
		if again, _ := s.Secret(ctx); string(again) != string(first) {
			t.Error("the secret changed")
		}
		for _, want := range []time.Duration{-36 * time.Hour, 0} {
			if err := s.SetClockOffset(ctx, want); err != nil {
				t.Fatal(err)
			}
			if got, err := s.ClockOffset(ctx); err != nil || got != want {
				t.Errorf("%s, want %s (%v)", got, want, err)
			}
		}
	})
}
