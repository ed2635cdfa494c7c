package vision

import (
	"image"
	"testing"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/enginetest"
	"github.com/florin-studio/florin/internal/models"
)

// holed makes a part of a picture transparent.
func holed(src *image.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(src.Rect)
	copy(out.Pix, src.Pix)
	for y := src.Rect.Dy() / 3; y < src.Rect.Dy()/2; y++ {
		for x := range src.Rect.Dx() / 2 {
			out.Pix[out.PixOffset(x, y)+3] = uint8(x)
		}
	}
	return out
}

// The tests of this file count the process's work, and so are not parallel.

func TestResamplingAttends(t *testing.T) {
	open := func() engine.Engine { return bare(t) }
	large, err := resize(t.Context(), photo(t, "astronaut.jpg"), 1600, 1600, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, k := range map[string]engine.Task{
		"upscale":         {Operation: engine.Upscale, Scale: 2},
		"alchemy_upscale": {Operation: engine.AlchemyUpscale, Scale: 2},
	} {
		k.Source = &engine.Source{Image: holed(large)}
		t.Run(name, func(t *testing.T) { enginetest.Attends(t, open, k) })
	}
}

func TestNetworksAttend(t *testing.T) {
	open := func() engine.Engine { return real(t, models.Runtime, models.ISNet) }
	open()
	astronaut := photo(t, "astronaut.jpg")
	large, err := resize(t.Context(), astronaut, 4000, 1000, nil) // bands are as long as a picture is wide
	if err != nil {
		t.Fatal(err)
	}
	for name, k := range map[string]engine.Task{
		"upscale, general":   {Operation: engine.Upscale, Scale: 4, Source: &engine.Source{Image: holed(part(astronaut, image.Rect(0, 0, 160, 160)))}},
		"upscale, animation": {Operation: engine.Upscale, Scale: 2, Style: animationModel, Source: &engine.Source{Image: part(astronaut, image.Rect(0, 0, 256, 256))}},
		"alchemy_upscale":    {Operation: engine.AlchemyUpscale, Scale: 4, Style: animationModel, Source: &engine.Source{Image: part(astronaut, image.Rect(0, 0, 192, 192))}},
		"remove_background":  {Operation: engine.RemoveBackground, Source: &engine.Source{Image: large}},
	} {
		t.Run(name, func(t *testing.T) { enginetest.AttendsBeside(t, open, k) })
	}
}
