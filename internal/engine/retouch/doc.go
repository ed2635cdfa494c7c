// Package retouch is the canvas and the wider view inside Florin: it changes parts of
// pictures that are there already, with no AI model.
//
// It promises that pixels outside the mask stay as they are to the last bit, that
// transparency stays, that the same task gives the same pixels on the same kind of
// machine whoever is faster, that a picture uses two goroutines at most, and that work
// stops soon after its context ends. Its notes tell what the method cannot do.
//
// The pipeline "canvas" of Generate works on Task.Source:
//
//   - With a mask and no prompt, or one that only says to remove, what is white goes
//     away: the rest of the picture continues into it, copied patch by patch from where
//     it fits best, and joined where the light differs.
//   - With a mask and a prompt, the painter draws the asked scene for the part that
//     holds the mask, and it is joined to the picture at the mask's edge.
//   - With Extend the picture continues on the named sides. A prompt does not shape
//     these sides; its words are told as ignored.
//   - With neither, the whole picture is painted anew from the prompt with the source as
//     reference: Style "img2img", also when Style is empty, keeps colours, masses and
//     brightness; "sketch2img" keeps masses and lines.
//
// Style may also be "inpaint", which needs a mask, or "outpaint", which needs a mask or
// Extend. Strength, 0 to 1, is how far painting may leave the source; 0 stands for not
// given, which is 1 inside a mask and 0.6 for a whole picture. Width and Height may be
// 0; otherwise they are those of the canvas, the source with its new sides. Elements
// apply to what was changed, and to that alone.
//
// Unzoom shrinks any picture into the middle of its own size, by Task.Zoom, and
// continues it all around.
package retouch
