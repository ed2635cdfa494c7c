// Package e2e proves the whole program from outside: it builds florin, starts it as
// people do, and talks to it over HTTP, signals and its commands only.
//
// It promises that each test has its own data folder and port on the loopback, ends
// what it started by its own process id, and leaves nothing behind. It looks into no
// package: what it checks is what a user, a script or an operator can see. The browser's
// side of the same proof is browser.mjs, which `make e2e` runs.
package e2e
