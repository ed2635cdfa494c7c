package planner

import (
	"strconv"

	"github.com/florin-studio/florin/token"
)

// totals tells what the project costs as asked for, in the best jobs, and at the best times.
func (k *planning) totals(ans *Answer) {
	usual := k.shop.usual()
	one := Total{Lines: []WishLine{}}
	for i, n := range k.shop.wanted {
		k.add(&one, i, batch{images: 1, jobs: n, price: usual.of[i].job[1]}, 0)
	}
	ans.Asked = one
	ans.Batched = k.total(usual)
	best := k.shop.best(k.account.At, max(k.latest, k.account.At))
	ans.Best = k.total(best)
	ans.Savings = []Saving{}
	if saved := ans.Asked.Tokens - ans.Batched.Tokens; saved > 0 {
		ans.Savings = append(ans.Savings, Saving{Rule: "batching", Tokens: saved,
			Text: "pictures made together cost " + commas(ans.Batched.Tokens) + " instead of " + commas(ans.Asked.Tokens) + " tokens"})
	}
	if saved := ans.Batched.Tokens - ans.Best.Tokens; saved > 0 {
		ans.Savings = append(ans.Savings, Saving{Rule: "off_peak", Tokens: saved,
			Text: "at the hours of lower prices they cost " + commas(ans.Best.Tokens) + " tokens"})
	}
}

func (k *planning) total(t *table) Total {
	out := Total{Lines: []WishLine{}}
	for i, n := range k.shop.wanted {
		for _, b := range t.of[i].split(n) {
			k.add(&out, i, b, k.when(i, b))
		}
	}
	return out
}

// when finds an instant at which a job has a price, so that its lines can be shown.
func (k *planning) when(wish int, b batch) token.Instant {
	if k.shop.usual().of[wish].job[b.images] == b.price {
		return 0
	}
	for at := k.account.At; at != 0; at = k.shop.edge(at) {
		if k.shop.at(at).of[wish].job[b.images] == b.price {
			return at
		}
	}
	return 0
}

func (k *planning) add(t *Total, wish int, b batch, at token.Instant) {
	w := k.p.Wishes[wish]
	price, _ := k.list.Price(w.Request(b.images), at)
	line := WishLine{Wish: wish, What: w.name(k.list), Jobs: b.jobs, Images: b.images, Price: b.price, Tokens: b.price * int64(b.jobs), Lines: price.Lines}
	t.Lines = append(t.Lines, line)
	t.Tokens += line.Tokens
	t.Jobs += b.jobs
}

// commas writes a number with commas between thousands.
func commas(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}
