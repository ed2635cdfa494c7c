// Package builtin is the engine inside Florin: a painter that makes pictures from a
// prompt with no AI model, and a facade that joins it with other parts.
//
// The painter promises pleasant pictures of the scenes it knows, chosen and varied by the
// prompt's words and the seed: landscape, coast, desert, space, city, forest, flowers,
// underwater, still life, abstract, geometric poster and seamless pattern, each in any of
// the styles of package style. The same task gives the same pixels on the same kind of
// machine. It tells truly which words shaped the picture and which it could not draw. It
// uses at most two goroutines for one picture and stops soon after its context ends. It
// does not draw people, animals (but fish), letters, or anything outside its lexicon.
//
// The task's pipeline chooses what follows the scene:
//
//   - "default" renders the picture at its size, takes four more samples of each pixel on
//     an edge, and applies a film curve.
//   - "alchemy" renders a third larger in both directions and averages down, strengthens
//     local contrast, draws the darkest and lightest tones apart, and lets strong light
//     glow more.
//   - "alchemy_v2" does more of the same, then grades the colours: warm highlights, cool
//     shadows, richer tones, darker corners.
//   - "alchemy_v2_lightning" gives the graded finish of "alchemy_v2", slightly weaker,
//     without the larger rendering, at nearly the default's cost.
//
// Prompt Magic adds phrases of the lexicon that suit the prompt's scene and don't
// contradict it: two in version 2, up to six in version 3.
//
// References bend a picture: "structure" and "image" choose the camera by their horizon
// and skyline, then give the picture their masses; "image" lays the reference itself over
// it as well, coarse forms more than fine ones; "edges" draws its lines; "palette" moves
// the dominant colours to those of the reference.
//
// A picture's recipe is enough to paint it again, unless references led it. So a picture
// of the painter is unzoomed by a wider camera and cut out by its own scene, exactly.
package builtin
