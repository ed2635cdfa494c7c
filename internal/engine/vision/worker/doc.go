// Package worker keeps native code in a process of its own.
//
// It promises that whatever happens in there (a crash, an endless run, garbage on the
// pipe, too much memory) costs one job: the call returns an error of a clear kind and
// the next one gets a fresh process. A call whose context ends kills the process at
// once. A process with nothing to do is sent home after a while, and none outlives its
// parent. The package knows tensors and frames; what the networks mean is the caller's.
//
// Client is the parent's side, Serve the worker's.
package worker
