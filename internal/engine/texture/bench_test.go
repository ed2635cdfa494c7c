package texture

import (
	"testing"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/enginetest"
)

// BenchmarkTexture reports the processor seconds and the peak of memory of one operation.
func BenchmarkTexture(b *testing.B) {
	for _, op := range []engine.Operation{engine.TexturePreview, engine.Texture} {
		b.Run(string(op), func(b *testing.B) {
			k := engine.Task{Operation: op, Prompt: "mossy stone", Mesh: vase(b)}
			enginetest.Cost(b, func() {
				k.Seed++
				if _, err := New().Run(b.Context(), k, nil); err != nil {
					b.Fatal(err)
				}
			}, nil)
		})
	}
}
