// Package sim runs the real ledger over a simulated database that a seed makes fail:
// several processes, each a [ledger.Ledger] with its own cache, share one database
// whose transactions are reordered, delayed, broken off, torn and left without an
// answer, while processes are killed and started again and clocks jump.
//
// It promises: one goroutine of the system goes on at a time, and the seed alone
// decides which, so that a seed gives the same run again, step by step ([Result.Digest]
// tells). An auditor compares every answer with what [token.Book] says after replaying
// the journals in the order of their commits, and the journals with everything that was
// acknowledged.
//
// Batches of 128 commands and more are decided and written by two goroutines of the
// ledger; within such a transaction nothing waits for a turn but for locks and the
// commit, so that their order has no part in what happens.
//
// In runs with one writer, most commits are visible before they are durable, and a ledger has
// two of them under way. How many commands each takes, the scheduler reckons as the ledger does
// (process.go); a change of that in the ledger's committer has to be made there, too, and until
// then such runs end as stuck or answered too early.
//
// It does not promise to cover what it replaces: SQL, drivers, disks and the network
// belong to the tests with real databases, which live in this package too.
package sim
