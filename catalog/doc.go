// Package catalog is the price list: what a picture costs, what plans give, and
// everything else that an operator decides, in one file that people like to edit. It
// is the rules P1 to P5, P7 and P8 of Florin, and it makes the [token.Rules] by which
// balances are decided.
//
// It promises: [Load] tells every fault of a file at once, each with its line, column,
// field and what is allowed; a loaded [Catalog] never changes and serves any number of
// goroutines; prices are exact, rounded up once at the end (P4), and are the sum of
// lines that explain themselves (P1); [Catalog.Version] depends on the meaning of a
// file, not on its comments, spacing or order of keys; [Catalog.Print] gives a file of
// the same version.
//
// It does not promise anything about balances (package token does), about the limits of
// pending jobs (the studio's), or about money beyond naming it. It reads no files and
// no clock: text and instants come in as arguments.
package catalog
