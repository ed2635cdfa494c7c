// Package builtin is the painter inside Florin: pictures from a prompt with no AI model.
//
// It promises pleasant pictures of the scenes it knows, chosen and varied by the prompt's
// words and the seed: landscape, coast, desert, space, city, forest, flowers, underwater,
// still life, abstract, geometric poster and seamless pattern, each also as low-poly. The
// same prompt, negative prompt, seed and size give the same pixels on the same kind of
// machine. It tells truly which words shaped the picture and which it could not draw. It
// uses at most two goroutines for one picture and stops soon after its context ends. It
// does not draw people, animals (but fish), letters, or anything outside its lexicon.
//
// The task's pipeline chooses what follows the scene:
//
//   - "default" renders the picture at its size, takes four more samples of each pixel on
//     an edge, and applies a film curve.
//   - "alchemy" renders one and a half times as large and averages down, strengthens local
//     contrast, and lets strong light glow more.
//   - "alchemy_v2" does the same with more local contrast and glow, then grades the
//     colours: warm highlights, cool shadows, richer tones, darker corners.
//   - "alchemy_v2_lightning" gives the graded finish of "alchemy_v2", slightly weaker,
//     without the larger rendering, at nearly the default's cost.
package builtin
