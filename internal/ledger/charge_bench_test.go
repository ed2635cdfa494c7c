package ledger_test

import (
	"context"
	"fmt"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/token"
)

func cpu() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkZCharge(b *testing.B) {
	for _, e := range engines {
		for _, n := range []int{64} {
			b.Run(fmt.Sprintf("%s/callers=%d", e.name, n), func(b *testing.B) {
				h := newHouse(b, e.url(b))
				openMany(b, h.Ledger, n)
				c := cpu()
				race(b, n, func(account string, i int) {
					submit(b, h.Ledger, ask(account, "", noon+token.Instant(i), token.Charge{ID: "k-r1-0-" + strconv.Itoa(1000000000+i), Tokens: 1, FastOnly: true}))
				})
				b.ReportMetric(float64((cpu()-c).Microseconds())/float64(b.N), "cpu-µs/op")
			})
		}
		b.Run(e.name+"/batch=500", func(b *testing.B) {
			h := newHouse(b, e.url(b))
			openMany(b, h.Ledger, 64)
			c := cpu()
			b.ResetTimer()
			for i := 0; i < b.N; i += 500 {
				reqs := make([]ledger.Request, 500)
				for j := range reqs {
					reqs[j] = ask(id("a", (i+j)%64), "", noon+token.Instant(i), token.Charge{ID: "k-r1-0-" + strconv.Itoa(1000000000+i+j), Tokens: 1, FastOnly: true})
				}
				_, errs := h.Ledger.SubmitAll(context.Background(), reqs)
				for _, err := range errs {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64((cpu()-c).Microseconds())/float64(b.N), "cpu-µs/op")
		})
	}
}
