package retouch

import (
	"image"
	"slices"
	"strings"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/style"
	"github.com/florin-studio/florin/internal/picture"
)

// What the notes say.
const (
	noteFill   = "Filled by continuing the picture's own parts, without an AI model: good on texture, sky and water; people, buildings and lettering are copied, not understood."
	noteSides  = "The new sides continue the picture's own parts, without an AI model: good on landscape and texture; objects at the edge may be repeated."
	noteWords  = " The prompt does not shape new sides."
	noteScene  = "The built-in painter drew the scene into the mask; it knows scenes, not single objects."
	noteSmooth = "Nothing was left to copy from, so the place was filled smoothly."
)

// styleFade is over which share of the hole's shorter side Elements meet the rest.
const styleFade = 0.05

// removing are words that ask for nothing to be painted.
var removing = []string{"remove", "erase", "delete", "clean", "up", "away", "take", "it", "this", "that", "the", "object", "objects", "thing", "please"}

// removes tells whether a prompt only says to take something away.
func removes(prompt string) bool {
	for word := range strings.FieldsFuncSeq(strings.ToLower(prompt), func(r rune) bool { return r < 'a' || r > 'z' }) {
		if !slices.Contains(removing, word) {
			return false
		}
	}
	// Other alphabets have words, too.
	return !strings.ContainsFunc(prompt, func(r rune) bool { return r > 0x7f })
}

// canvas runs what the pipeline of that name is for.
func (e *Engine) canvas(j *job, task engine.Task) (engine.Result, error) {
	c, err := layOut(j, task)
	if err != nil {
		return engine.Result{}, err
	}
	j.begin(2)
	before := c.base
	c.base = picture.NRGBA(before)
	var result engine.Result
	switch {
	case task.Mask == nil && !c.extended:
		return e.whole(j, c)
	case task.Mask != nil && !removes(c.prompt):
		result, err = e.scene(j, c)
	default:
		result, err = c.fill(j, 90)
	}
	if err != nil {
		return engine.Result{}, err
	}
	result.Image, err = c.finish(j, before)
	return result, err
}

// fill continues the picture into the mask and the new sides.
func (c *canvas) fill(j *job, until int) (engine.Result, error) {
	j.stage(until)
	copied, err := complete(j, c.base, c.mask, c.inner, c.task.Seed)
	if err != nil {
		return engine.Result{}, err
	}
	if !copied {
		if err := c.smooth(j); err != nil {
			return engine.Result{}, err
		}
		return engine.Result{Note: noteSmooth, Scene: "filled"}, nil
	}
	result := engine.Result{Note: noteFill, Scene: "filled from the picture"}
	if c.task.Mask == nil {
		result.Note, result.Scene = noteSides, "continued picture"
		if c.prompt != "" {
			result.Note += noteWords
			result.IgnoredWords = strings.Fields(c.prompt)
		}
	}
	return result, nil
}

// smooth fills with a membrane, where not even one patch is whole.
func (c *canvas) smooth(j *job) error {
	f := fieldOf(j, c.base, states(j, c.base, c.mask, c.base.Rect))
	if !slices.Contains(f.state, known) {
		return refuse("the mask covers the whole picture: say in the prompt what to paint there")
	}
	if err := f.smooth(j, f.bounds()); err != nil {
		return err
	}
	for i, st := range f.state {
		if st == wanted {
			p := c.base.Pix[i/f.w*c.base.Stride+4*(i%f.w):]
			for n := range 3 {
				p[n] = clamp8(f.pix[i*channels+n])
			}
		}
	}
	return nil
}

func (f *field) bounds() image.Rectangle { return image.Rect(0, 0, f.w, f.h) }

// finish applies the Elements to what changed, mixes by the mask, and brings back
// what must not have changed.
func (c *canvas) finish(j *job, before *image.NRGBA) (*image.NRGBA, error) {
	if len(c.task.Elements) > 0 {
		j.stage(98)
		if err := c.restyle(j); err != nil {
			return nil, err
		}
	}
	if err := j.ctx.Err(); err != nil {
		return nil, err
	}
	out := picture.Compose(before, c.base, c.mask)
	j.inTurn(out.Rect.Dy(), func(y int) {
		for x := range out.Rect.Dx() {
			if !image.Pt(x, y).In(c.inner) {
				out.Pix[y*out.Stride+4*x+3] = 255
			}
		}
	})
	return out, j.ctx.Err()
}

// restyle redraws what changed with the Elements, and joins it at the mask's edge.
func (c *canvas) restyle(j *job) error {
	for i := 3; i < len(c.base.Pix); i += 4 {
		c.base.Pix[i] = 255
	}
	hole := maskBounds(c.mask)
	window := hole.Inset(-leastMargin / 2).Intersect(c.base.Rect)
	part := cut(c.base, window)
	img, err := style.ApplyWith(j.ctx, part, c.task.Elements, style.Options{Progress: j.progress})
	if err != nil {
		return err
	}
	styled, state := picture.NRGBA(img), states(j, c.base, c.mask, window)
	made := make([]float32, 3*len(state))
	j.inTurn(window.Dy(), func(y int) {
		for i := y * window.Dx(); i < (y+1)*window.Dx(); i++ {
			for n := range 3 {
				made[3*i+n] = float32(styled.Pix[4*i+n])
			}
		}
	})
	length := max(3, styleFade*float32(min(hole.Dx(), hole.Dy())))
	if err := join(j, part, state, made, nil, 1/(length*length)); err != nil {
		return err
	}
	put(j, c.base, part, window, state)
	return nil
}
