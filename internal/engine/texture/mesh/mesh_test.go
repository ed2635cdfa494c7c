package mesh

import (
	"bytes"
	"context"
	"math"
	"strings"
	"testing"
)

// sound checks what the package promises of every mesh.
func sound(t *testing.T, m *Mesh) {
	t.Helper()
	if len(m.Triangles) == 0 || len(m.Triangles) > MaxTriangles || len(m.Normals) != len(m.Positions) || m.UVs != nil && len(m.UVs) != len(m.Positions) {
		t.Fatalf("%d triangles, %d positions, %d normals, %d UVs", len(m.Triangles), len(m.Positions), len(m.Normals), len(m.UVs))
	}
	for _, f := range m.Triangles {
		for _, i := range f {
			if int(i) >= len(m.Positions) {
				t.Fatalf("index %d of %d", i, len(m.Positions))
			}
		}
	}
	for i := range m.Positions {
		if l := m.Normal(uint32(i)).Length(); math.Abs(l-1) > 1e-3 || !inRange(m.Positions[i][0]) {
			t.Fatalf("vertex %d: %v with a normal of length %g", i, m.Positions[i], l)
		}
	}
}

func TestOBJ(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3":                                                  1,
		"v 0 0 0\nv 1 0 0\nv 0 1 0\nf -3 -2 -1\n":                                             1,
		"v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nf 1 \\\n2 3 4\n":                                 2,
		"v 0 0 0\nv 2 0 0\nv 2 2 0\nv 1 0.5 0\nv 0 2 0\nvn 0 0 1\nf 1//1 2//1 3//1 4//1 5//1": 3,
	} {
		m, err := ReadOBJ([]byte(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if sound(t, m); len(m.Triangles) != want {
			t.Errorf("%q: %d triangles, want %d", text, len(m.Triangles), want)
		}
	}
	for text, want := range map[string]string{
		"v 0 0 0\nf 1 2 3":                   "line 2",
		"v 0 nan 0":                          "line 1: the vertex's number 2",
		"v 1e99 0 0":                         "finite",
		"v 0 0":                              "2 numbers",
		"f 1 2":                              "2 corners",
		"":                                   "no triangle",
		"v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3": "no triangle",
		"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1/1 2/1 3/1": "before there is any",
	} {
		if _, err := ReadOBJ([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", text, err, want)
		}
	}
}

// skinned is a mesh as a GLB file with a few bytes for each picture.
func skinned(m *Mesh) []byte {
	if m.UVs == nil {
		if err := m.Box(context.Background(), 1); err != nil {
			panic(err)
		}
	}
	if err := m.Tangle(context.Background()); err != nil {
		panic(err)
	}
	p := Picture{"image/png", []byte("picture")}
	file, err := m.WriteGLB(context.Background(), Skin{Color: p, Normal: p, Surface: p})
	if err != nil {
		panic(err)
	}
	return file
}

func TestGLBRoundTrip(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]*Mesh{"ball": Ball(24), "cube": Cube(3), "torus": Torus(20), "vase": Vase(20)} {
		got, err := ReadGLB(skinned(m))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		sound(t, got)
		if len(got.Triangles) != len(m.Triangles) || len(got.Positions) != len(m.Positions) {
			t.Errorf("%s: %d triangles of %d vertices became %d of %d", name, len(m.Triangles), len(m.Positions), len(got.Triangles), len(got.Positions))
		}
	}
}

func TestGLBRefuses(t *testing.T) {
	t.Parallel()
	good := skinned(Cube(1))
	for _, c := range []struct{ old, new, want string }{
		{`"scene":0`, `"scene":7`, "scene is 7"},
		{`"mesh":0`, `"mesh":4`, "nodes[0].mesh is 4"},
		{`"indices":4`, `"indices":9`, "accessor 9"},
		{`"type":"SCALAR"`, `"type":"VEC2"  `, `"SCALAR"`},
		{`"version":"2.0"`, `"version":"1.0"`, "asset.version"},
		{`"buffer":0`, `"buffer":1`, "the file has 1"},
		{`"generator":"Florin"`, `"sparse":{}         `, ""},
	} {
		bad := bytes.Replace(good, []byte(c.old), []byte(c.new), 1)
		_, err := ReadGLB(bad)
		if c.want == "" {
			if err != nil && len(c.old) == len(c.new) {
				t.Errorf("%s: %v", c.new, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.new, err, c.want)
		}
	}
	draco := []byte(`{"asset":{"version":"2.0"},"extensionsRequired":["KHR_draco_mesh_compression"]} `)
	w := &glbWriter{}
	file, err := w.file(context.Background(), map[string]any{"asset": map[string]string{"version": "2.0"}, "extensionsRequired": []string{"KHR_draco_mesh_compression"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReadGLB(file); err == nil || !strings.Contains(err.Error(), "compressed with Draco") {
		t.Errorf("%s: %v", draco, err)
	}
	for i := range len(good) {
		if _, err := ReadGLB(good[:i]); err == nil {
			t.Fatalf("the first %d bytes of %d were accepted", i, len(good))
		}
	}
}

// read checks what a file becomes, and what reading it takes; fuzzing runs one input at a
// time.
func read(t *testing.T, by func([]byte) (*Mesh, error), data []byte) {
	if len(data) > mostInput {
		return
	}
	var m *Mesh
	var err error
	if used := allocated(func() { m, err = by(data) }); used > mostMemory {
		t.Errorf("%d bytes of file took %d MiB, at most %d are allowed", len(data), used>>20, mostMemory>>20)
	}
	if err == nil {
		sound(t, m)
	}
}

func FuzzOBJ(f *testing.F) {
	var b bytes.Buffer
	if err := Vase(5).WriteOBJ(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvt 0 0\nvn 0 0 0\nf -4/1/1 2//1 3 4\\\n"))
	f.Fuzz(func(t *testing.T, data []byte) { read(t, ReadOBJ, data) })
}

func FuzzGLB(f *testing.F) {
	f.Add(skinned(Cube(1)))
	f.Add(skinned(Ball(4)))
	f.Fuzz(func(t *testing.T, data []byte) { read(t, ReadGLB, data) })
}
