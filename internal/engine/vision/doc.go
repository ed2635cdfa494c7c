// Package vision is the engine that works on pictures which exist already: it enlarges
// them and cuts their subject out.
//
// It promises the contract of package engine for upscale, alchemy_upscale and
// remove_background. Neural networks run in a child process, so that a fault of native
// code costs one job. What is not installed is not offered, or a classical method stands
// in and the result says so. It paints nothing and fetches nothing.
package vision
