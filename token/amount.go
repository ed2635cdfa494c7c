package token

import "strconv"

// Max is the largest amount of tokens in one step, and the most an account may own
// in all (T1): 2^53-1, so that every amount is exact in JSON readers that know only
// doubles.
const Max int64 = 1<<53 - 1

// checkAmount refuses amounts outside 1 to Max (T1).
func checkAmount(field string, n int64) *Refusal {
	if n < 1 || n > Max {
		return &Refusal{Reason: InvalidAmount, Field: field, Value: strconv.FormatInt(n, 10), Allowed: "1 to 9007199254740991"}
	}
	return nil
}

// add returns a+b, or overflow where the sum passes Max (T1). Both are 0 to Max.
func add(field string, a, b int64) (int64, *Refusal) {
	if a > Max-b {
		return 0, &Refusal{Reason: Overflow, Field: field, Value: strconv.FormatInt(b, 10), Allowed: "at most " + strconv.FormatInt(max(Max-a, 0), 10)}
	}
	return a + b, nil
}
