// Package token decides about tokens: who has how many, what a job may take, what
// comes back, what expires and what comes next. It is the rules T1 to T32 of Florin
// for a single account, and nothing else decides about a balance.
//
// It promises: an [Account] is a value and [Apply] is the only way it changes; the
// same account, rules, command and time give the same result on every machine;
// amounts are whole tokens in int64 (T1); no clock, no I/O, no randomness, no floats
// and no goroutines; everything that changed is in the returned entries, so that
// [Fold] over an account's entries gives its state exactly (T31).
//
// It does not promise durability, ordering between callers, or the memory of
// idempotency keys: a ledger does. [Book] is the smallest ledger, in memory, for
// tests, scenarios and simulations.
//
// [Rules.Check] finds states that the rules can't lead to. The tests compare every
// command and every passing of time with a second implementation that moves single
// tokens and visits every instant at which anything may happen, and days on which clocks
// change with a third one that looks at the clock every second.
//
// # The life of an amount
//
// Tokens are issued into a grant, where they are available. A hold takes them from
// named grants, soonest expiry first (T8), and they are held. Settling spends the
// used part and gives the rest back to the grants it came from (T14). What is left
// at a grant's end expires. Every movement is a [Posting] with two ends, so that no
// token is made or lost on the way.
//
// # Time
//
// Every command carries its time (T2). Before it is decided, the account is rolled
// forward through every boundary between its last time and now (T3), in the order
// expiries, scheduled plan change, cycle renewal, daily reset (T4). At one instant,
// grants expire before holds do: a hold that ends with the grant it came from is
// returned by T15.
package token
