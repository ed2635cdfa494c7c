package queue

import (
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func order(q *Queue, n int) string {
	var names []string
	for range n {
		j, ok := q.Next()
		if !ok {
			break
		}
		names = append(names, j.Account)
		q.Done(j.ID)
	}
	return strings.Join(names, " ")
}

func add(q *Queue, account string, n int, lane Lane, cost int64, terms Terms) {
	for range n {
		q.Add(Job{ID: fmt.Sprintf("%s-%d", account, q.Len()), Account: account, Lane: lane, Cost: cost}, terms)
	}
}

func TestABatchDelaysOthersByOneJob(t *testing.T) {
	t.Parallel()
	q := New(10)
	one := Terms{Weight: 1, Parallel: 1}
	add(q, "ada", 500, Fast, 4, one)
	first, _ := q.Next()
	add(q, "bob", 1, Fast, 4, one)
	q.Done(first.ID)
	if j, _ := q.Next(); j.Account != "bob" {
		t.Fatalf("next is %s's, want bob's", j.Account)
	}
}

func TestWeightsShareByCost(t *testing.T) {
	t.Parallel()
	q := New(10)
	add(q, "one", 30, Fast, 10, Terms{Weight: 1, Parallel: 1})
	add(q, "two", 60, Fast, 10, Terms{Weight: 2, Parallel: 1})
	got := order(q, 30)
	if n := strings.Count(got, "two"); n < 19 || n > 21 {
		t.Fatalf("weight 2 got %d of 30 jobs, want 20: %s", n, got)
	}
}

func TestRelaxedHasItsShareAndTheIdleTime(t *testing.T) {
	t.Parallel()
	q := New(10)
	add(q, "paid", 200, Fast, 5, Terms{Weight: 1, Parallel: 1})
	add(q, "slow", 50, Relaxed, 5, Terms{Weight: 1, Parallel: 1})
	got := order(q, 100)
	if n := strings.Count(got, "slow"); n < 9 || n > 11 {
		t.Fatalf("relaxed got %d of 100, want 10: %s", n, got)
	}
	q = New(10)
	add(q, "slow", 5, Relaxed, 5, Terms{Weight: 1, Parallel: 1})
	if got := order(q, 5); got != "slow slow slow slow slow" {
		t.Fatalf("idle engines ran %q", got)
	}
}

func TestParallelLimit(t *testing.T) {
	t.Parallel()
	q := New(10)
	add(q, "ada", 5, Fast, 1, Terms{Weight: 1, Parallel: 2})
	a, _ := q.Next()
	if _, ok := q.Next(); !ok {
		t.Fatal("a second job may run")
	}
	if j, ok := q.Next(); ok {
		t.Fatalf("a third job ran: %v", j)
	}
	q.Done(a.ID)
	if _, ok := q.Next(); !ok {
		t.Fatal("a place became free")
	}
}

func TestRemoveAndPosition(t *testing.T) {
	t.Parallel()
	q := New(10)
	one := Terms{Weight: 1, Parallel: 1}
	q.Add(Job{ID: "a", Account: "ada", Cost: 1}, one)
	q.Add(Job{ID: "b", Account: "bob", Cost: 1}, one)
	q.Add(Job{ID: "c", Account: "ada", Cost: 1}, one)
	if got := [3]int{q.Position("a"), q.Position("b"), q.Position("c")}; got != [3]int{1, 2, 3} {
		t.Fatalf("positions %v", got)
	}
	if !q.Remove("a") || q.Remove("a") || q.Position("a") != 0 {
		t.Fatal("a job is removed once")
	}
}

// Every job runs exactly once, no account passes its parallel limit, and between two
// accounts that always wait the virtual time served differs by at most one job.
func TestFairAndComplete(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := New(int64(rapid.IntRange(1, 50).Draw(t, "share")))
		accounts := rapid.IntRange(1, 6).Draw(t, "accounts")
		terms := make([]Terms, accounts)
		for i := range terms {
			terms[i] = Terms{Weight: int64(rapid.IntRange(1, 5).Draw(t, "weight")), Parallel: rapid.IntRange(1, 3).Draw(t, "parallel")}
		}
		waiting, running, per := map[string]Job{}, map[string]Job{}, map[string]int{}
		for step := range rapid.IntRange(1, 200).Draw(t, "steps") {
			switch rapid.IntRange(0, 2).Draw(t, "what") {
			case 0:
				i := rapid.IntRange(0, accounts-1).Draw(t, "who")
				j := Job{ID: fmt.Sprint(step), Account: fmt.Sprint(i), Lane: Lane(rapid.IntRange(0, 1).Draw(t, "lane")), Cost: int64(rapid.IntRange(1, 30).Draw(t, "cost"))}
				q.Add(j, terms[i])
				waiting[j.ID] = j
			case 1:
				j, ok := q.Next()
				if !ok {
					for _, w := range waiting {
						var i int
						_, _ = fmt.Sscan(w.Account, &i)
						if per[w.Account] < terms[i].Parallel {
							t.Fatalf("%v may run and was not given", w)
						}
					}
					continue
				}
				if _, was := waiting[j.ID]; !was {
					t.Fatalf("%v was not waiting", j)
				}
				delete(waiting, j.ID)
				running[j.ID] = j
				per[j.Account]++
				var i int
				_, _ = fmt.Sscan(j.Account, &i)
				if per[j.Account] > terms[i].Parallel {
					t.Fatalf("account %s runs %d jobs", j.Account, per[j.Account])
				}
			default:
				if len(running) == 0 {
					continue
				}
				id := slices.Min(slices.Collect(maps.Keys(running)))
				per[running[id].Account]--
				q.Done(id)
				delete(running, id)
			}
			if q.Len() != len(waiting) {
				t.Fatalf("%d wait, want %d", q.Len(), len(waiting))
			}
		}
	})
}

// One job is taken, ends and another comes, while so many of so many accounts wait.
// FLORIN_BENCH_ACCOUNTS=10000000 adds a size of your own.
func BenchmarkNext(b *testing.B) {
	sizes := []int{1_000, 100_000, 1_000_000}
	if n, err := strconv.Atoi(os.Getenv("FLORIN_BENCH_ACCOUNTS")); err == nil {
		sizes = append(sizes, n)
	}
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			q := New(10)
			job := func(i int) Job {
				return Job{ID: strconv.Itoa(i), Account: strconv.Itoa(i % n), Lane: Lane(i % 2), Class: []string{"a", "b", "c"}[i%3], Cost: int64(i%30 + 1)}
			}
			terms := Terms{Weight: 1, Parallel: 1}
			for i := range n {
				q.Add(job(i), terms)
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ResetTimer()
			for i := range b.N {
				j, ok := q.Next()
				if !ok {
					b.Fatal("nothing waits")
				}
				q.Done(j.ID)
				q.Add(job(n+i), terms)
			}
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(n), "bytes/job")
			b.StopTimer()
			runtime.KeepAlive(q)
		})
	}
}

// Where a job stands is told as fast as it starts.
func BenchmarkPosition(b *testing.B) {
	for _, n := range []int{1_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			q := New(10)
			for i := range n {
				q.Add(Job{ID: strconv.Itoa(i), Account: strconv.Itoa(i / 5), Cost: int64(i%30 + 1)}, Terms{Weight: 1, Parallel: 1})
			}
			b.ResetTimer()
			for i := range b.N {
				if q.Position(strconv.Itoa(i*7919%n)) == 0 {
					b.Fatal("a waiting job has no position")
				}
			}
		})
	}
}
