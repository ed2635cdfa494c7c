// Package faults tries jobs on real processes, real databases and engines that fail:
// processes that are killed or stand still, engines that freeze, give garbage or answer
// too late, databases that crash. It holds tests only.
//
// It promises that what it counts was looked for in the database and on the disk after
// everything has come to rest: every job that was accepted is final, paid for what it
// made and for nothing else, and every stored file belongs to a picture. It does not
// test how fast any of this happens.
package faults
