package studio

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/store/storetest"
)

// After a start the jobs that ended last tell how fast engines are, until some end here;
// those that did not run from their beginning to their end at once tell nothing.
func TestSpeedsAreRemembered(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		book, now := catalog.Default(), time.Now()
		s := New(Config{DB: storetest.Open(t, url), Catalog: func() *catalog.Catalog { return book }, Now: func() time.Time { return now }})
		err := s.DB.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			for i := range 40 {
				status, attempt, took := "complete", 1, int64(20_000) // 4 s a token
				switch i % 4 {
				case 1:
					status, took = "failed", 1
				case 2:
					attempt, took = 2, 900_000
				}
				end := int64(s.now()) - int64(i)*60_000
				if i == 39 {
					end -= 40 * 24 * 3_600_000 // long ago
					took = 1
				}
				_, err := tx.Exec(ctx, `INSERT INTO jobs (account, id, spec, status, lane, plan, feature, model, price, settled, attempt, reason, engine, progress, made, created, started, finished, updated, moved, worker, lease, cancel)
					VALUES ('ada', $1, '{}', $2, 'fast', 'maestro', 'default', 'm', 5, 0, $3, '', 'easel', 0, 0, $4, $4, $5, $5, $5, '', 0, 0)`, fmt.Sprint(i), status, attempt, end-took, end)
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // again, as after a database that was away: nothing counts twice
			if err := s.recover(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if ms := s.pace.speeds.Expect("easel", "m", 10, false); ms != 40_000 || s.pace.lasted != 20_000 || s.pace.price != 5 {
			t.Errorf("10 tokens take %d ms, a job %d ms and %d tokens", ms, s.pace.lasted, s.pace.price)
		}
	})
}

// narrow does what it can and nothing else.
type narrow struct {
	nullEngine
	id  string
	can engine.Operation
}

func (e *narrow) Describe() engine.Description {
	return engine.Description{ID: e.id, Operations: []engine.Operation{e.can}, MaxWidth: 1536, MaxHeight: 1536, Slots: 1}
}

// Engines of other processes are taken to do what the one of their name does here.
func TestFarEnginesDoWhatTheirNamesakesDo(t *testing.T) {
	t.Parallel()
	book := catalog.Default()
	s := New(Config{Catalog: func() *catalog.Catalog { return book }, Now: time.Now, Engines: []engine.Engine{
		&narrow{id: "painter", can: engine.Generate}, &narrow{id: "retoucher", can: engine.Upscale},
	}})
	s.put(&waiter{ref: ref{"ada", "1"}, needs: Needs{Operation: engine.Upscale}, price: 5})
	class := s.waiting["1"].class
	s.pace.others = []EngineState{{ID: "painter", Slots: 2, Loaded: "m"}, {ID: "retoucher", Slots: 1}, {ID: "unheard of", Slots: 1}}
	for n := range 5 {
		s.elsewhere[fmt.Sprint("far ", n)] = "bob"
	}
	far := s.machines(time.Now())
	if len(far) != 3 { // the engines here have not been asked for their health yet
		t.Fatalf("%d machines", len(far))
	}
	for n, want := range []bool{false, true, true} {
		if can := far[n].Can == nil || far[n].Can(class); can != want || len(far[n].Busy) != far[n].Slots {
			t.Errorf("%s does it: %v, and %d of %d slots are busy", far[n].Kind, can, len(far[n].Busy), far[n].Slots)
		}
	}
	if far[0].Loaded != "m" {
		t.Errorf("it has %q loaded", far[0].Loaded)
	}
}
