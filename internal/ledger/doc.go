// Package ledger keeps accounts durably: it gathers commands from any number of
// goroutines into group commits, and alone decides in which order they are applied and
// when one counts as done.
//
// It promises: an answer without error leaves after the commit that contains it is on
// disk (T32); commands of one account are applied in the order they came in; a repeated
// command gets its first receipt (T17); the caller's own rows ([Request.Side]) are
// written in the same transaction or not at all (T14); the journal replays to the state
// exactly (T30, T31), which [Ledger.Verify] proves; several ledgers, in one process or
// many, may work on one database. What a command does to a balance is decided by
// [token.Rules] and by nothing in here.
//
// It does not promise that a command without answer was not applied: a caller whose
// process died, or who got [ErrUnknown], repeats the command with the same key.
package ledger
