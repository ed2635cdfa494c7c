package texture

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/enginetest"
	"github.com/florin-studio/florin/internal/engine/texture/mesh"
)

func TestContract(t *testing.T) { enginetest.Run(t, New) }

func vase(t testing.TB) *engine.Mesh {
	t.Helper()
	var out bytes.Buffer
	if err := mesh.Vase(48).WriteOBJ(&out); err != nil {
		t.Fatal(err)
	}
	return &engine.Mesh{Format: "obj", Data: out.Bytes()}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	last := -1
	r, err := New().Run(t.Context(), engine.Task{Operation: engine.TexturePreview, Prompt: "mossy stone bricks, flimflam", Seed: 1, Mesh: vase(t), Style: "front"}, func(p int) {
		if p < last {
			t.Errorf("progress fell from %d to %d", last, p)
		}
		last = p
	})
	if err != nil {
		t.Fatal(err)
	}
	if last != 100 || r.Image.Bounds().Dx() != stillSide || len(r.Files) != frames || r.Files[0].Kind != "turntable" {
		t.Errorf("progress %d, picture %v, %d files", last, r.Image.Bounds(), len(r.Files))
	}
	if strings.Join(r.UsedWords, " ") != "mossy stone bricks" || strings.Join(r.IgnoredWords, " ") != "flimflam" {
		t.Errorf("used %q, ignored %q", r.UsedWords, r.IgnoredWords)
	}
}

func TestTexture(t *testing.T) {
	t.Parallel()
	r, err := New().Run(t.Context(), engine.Task{Operation: engine.Texture, Prompt: "lava", Seed: 1, Mesh: vase(t)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, f := range r.Files[:5] {
		kinds = append(kinds, f.Kind)
		if f.Type != "image/png" {
			continue
		}
		if c, err := png.DecodeConfig(bytes.NewReader(f.Data)); err != nil || c.Width != fullSize || c.Height != fullSize {
			t.Errorf("%s is %dx%d: %v", f.Kind, c.Width, c.Height, err)
		}
	}
	if got := strings.Join(kinds, " "); got != "albedo normal roughness displacement mesh" {
		t.Errorf("files %s", got)
	}
	if _, err := mesh.ReadGLB(r.Files[4].Data); err != nil {
		t.Errorf("the written mesh: %v", err)
	}
}

// TestVaseFile keeps the mesh that people may try as the code makes it.
func TestVaseFile(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("testdata", "vase.obj"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mesh.Read("obj", data); err != nil {
		t.Error(err)
	}
}
