package mesh

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/florin-studio/florin/internal/engine/texture/vec"
)

const (
	glbMagic  = 0x46546c67 // "glTF"
	jsonChunk = 0x4e4f534a // "JSON"
	binChunk  = 0x004e4942 // "BIN\0"
)

// glbReader gathers the triangles of a GLB file.
type glbReader struct {
	soup
	document
	binary  []byte
	visited []bool
	placed  int // primitives, counted as often as nodes place them
}

// ReadGLB reads the default scene's triangles, strips and fans with their normals and first
// texture coordinates, as the nodes place them. Skins and morphs stay in their rest pose.
func ReadGLB(data []byte) (*Mesh, error) { return readGLB(context.Background(), data) }

func readGLB(ctx context.Context, data []byte) (*Mesh, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("the file has %d bytes, at most %d are allowed", len(data), MaxBytes)
	}
	text, bin, err := chunks(data)
	if err != nil {
		return nil, err
	}
	if _, objects := survey(text); objects > mostObjects {
		return nil, fmt.Errorf("the JSON chunk has %d objects, at most %d are allowed", objects, mostObjects)
	}
	g := &glbReader{soup: soup{ctx: ctx}, binary: bin}
	if err := json.Unmarshal(text, &g.document); err != nil {
		return nil, fmt.Errorf("the JSON chunk: %w", err)
	}
	if err := g.check(); err != nil {
		return nil, err
	}
	g.visited = make([]bool, len(g.Nodes))
	if err := g.scene(); err != nil {
		return nil, err
	}
	return g.finish()
}

// chunks takes a GLB file apart.
func chunks(data []byte) (text, bin []byte, err error) {
	if len(data) < 20 {
		return nil, nil, fmt.Errorf("the file has %d bytes, a GLB has at least 20", len(data))
	}
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(data[i:]) }
	if word(0) != glbMagic {
		return nil, nil, fmt.Errorf("the file begins with %q, a GLB begins with \"glTF\"", data[:4])
	}
	if word(4) != 2 {
		return nil, nil, fmt.Errorf("the header's version is %d, allowed is 2", word(4))
	}
	if length := int64(word(8)); length > int64(len(data)) || length < 20 {
		return nil, nil, fmt.Errorf("the header says %d bytes, the file has %d", length, len(data))
	}
	data = data[:word(8)]
	for at, n := 12, 0; at < len(data); n++ {
		if len(data)-at < 8 {
			return nil, nil, fmt.Errorf("chunk %d at byte %d is cut off", n, at)
		}
		length, kind := int64(word(at)), word(at+4)
		if length > int64(len(data)-at-8) {
			return nil, nil, fmt.Errorf("chunk %d at byte %d says %d bytes, %d are left", n, at, length, len(data)-at-8)
		}
		body := data[at+8 : at+8+int(length)]
		switch {
		case n == 0 && kind != jsonChunk:
			return nil, nil, errors.New("the first chunk is not JSON")
		case n == 0:
			text = body
		case n == 1 && kind == binChunk:
			bin = body
		}
		at += 8 + int(length)
	}
	return text, bin, nil
}

// scene walks the default scene, else the first one, else all nodes that are nobody's child,
// else all meshes.
func (g *glbReader) scene() error {
	number := 0
	if g.Scene != nil {
		number = *g.Scene
	}
	switch {
	case number < 0 || number >= max(1, len(g.Scenes)):
		return fmt.Errorf("scene is %d, the file has %d", number, len(g.Scenes))
	case len(g.Scenes) > 0:
		for i, child := range g.Scenes[number].Nodes {
			if err := g.walk(fmt.Sprintf("scenes[%d].nodes[%d]", number, i), child, identity(), 0); err != nil {
				return err
			}
		}
		return nil
	case len(g.Nodes) > 0:
		return g.roots()
	}
	for i := range g.Meshes {
		if err := g.mesh(i, identity()); err != nil {
			return err
		}
	}
	return nil
}

func (g *glbReader) roots() error {
	child := make([]bool, len(g.Nodes))
	for _, n := range g.Nodes {
		for _, c := range n.Children {
			if c >= 0 && c < len(child) {
				child[c] = true
			}
		}
	}
	for i := range g.Nodes {
		if child[i] {
			continue
		}
		if err := g.walk("nodes", i, identity(), 0); err != nil {
			return err
		}
	}
	return nil
}

// deepest is how many nodes may lie inside each other.
const deepest = 256

func (g *glbReader) walk(from string, number int, outer matrix, depth int) error {
	if number < 0 || number >= len(g.Nodes) {
		return fmt.Errorf("%s names node %d, the file has %d", from, number, len(g.Nodes))
	}
	at := fmt.Sprintf("nodes[%d]", number)
	switch {
	case g.visited[number]:
		return fmt.Errorf("%s has more than one parent or is its own, allowed is one parent", at)
	case depth > deepest:
		return fmt.Errorf("%s lies in more than %d nodes, which are allowed", at, deepest)
	}
	g.visited[number] = true
	n := &g.Nodes[number]
	if n.Extensions.Instancing != nil {
		return fmt.Errorf("%s.extensions.EXT_mesh_gpu_instancing is not read: export it without instancing", at)
	}
	local, err := n.transform(at)
	if err != nil {
		return err
	}
	here := outer.times(local)
	if n.Mesh != nil {
		if *n.Mesh < 0 || *n.Mesh >= len(g.Meshes) {
			return fmt.Errorf("%s.mesh is %d, the file has %d", at, *n.Mesh, len(g.Meshes))
		}
		if err := g.mesh(*n.Mesh, here); err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
	}
	for i, c := range n.Children {
		if err := g.walk(fmt.Sprintf("%s.children[%d]", at, i), c, here, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (g *glbReader) mesh(number int, here matrix) error {
	for i := range g.Meshes[number].Primitives {
		at := fmt.Sprintf("meshes[%d].primitives[%d]", number, i)
		if g.placed++; g.placed > most {
			return fmt.Errorf("%s: the nodes place more than the %d primitives that are allowed", at, most)
		}
		if err := g.primitive(at, &g.Meshes[number].Primitives[i], here); err != nil {
			return err
		}
	}
	return nil
}

func (g *glbReader) primitive(at string, p *primitive, here matrix) error {
	mode := 4
	if p.Mode != nil {
		mode = *p.Mode
	}
	switch {
	case mode >= 0 && mode <= 3:
		return nil // points and lines have no surface
	case mode < 0 || mode > 6:
		return fmt.Errorf("%s.mode is %d, allowed are 0 to 6", at, mode)
	case p.Attributes.Position == nil:
		return fmt.Errorf("%s.attributes has no POSITION, it is needed", at)
	}
	if p.Extensions.Draco != nil && g.hollow(*p.Attributes.Position) {
		return compressed(at, "Draco")
	}
	order, err := g.order(at, p, mode)
	if err != nil {
		return err
	}
	first, err := g.vertices(at, p, here)
	if err != nil {
		return err
	}
	flip := here.turnsOver()
	for i := 0; i < len(order); i += 3 {
		if ended(g.ctx, i/3) {
			return g.ctx.Err()
		}
		a, b, c := order[i], order[i+1], order[i+2]
		if flip {
			b, c = c, b
		}
		s := [3]corner{first, first, first}
		for k, o := range [3]int32{a, b, c} {
			s[k].p += o
			if s[k].t != none {
				s[k].t += o
			}
			if s[k].n != none {
				s[k].n += o
			}
		}
		g.corners = append(g.corners, s[:]...)
	}
	return nil
}

// hollow tells whether an accessor has no bytes of its own.
func (g *glbReader) hollow(number int) bool {
	return number >= 0 && number < len(g.Accessors) && g.Accessors[number].View == nil
}

// order lists the vertices of the primitive's triangles, three by three.
func (g *glbReader) order(at string, p *primitive, mode int) ([]int32, error) {
	positions, err := g.column(at+".attributes.POSITION", *p.Attributes.Position, "VEC3")
	if err != nil {
		return nil, err
	}
	count, index := positions.count, func(i int) (int32, error) { return int32(i), nil }
	if p.Indices != nil {
		c, err := g.column(at+".indices", *p.Indices, "SCALAR")
		if err != nil {
			return nil, err
		}
		if kind := g.Accessors[*p.Indices].Component; kind != 5121 && kind != 5123 && kind != 5125 {
			return nil, fmt.Errorf("accessors[%d].componentType is %d, indices need 5121, 5123 or 5125", *p.Indices, kind)
		}
		count = c.count
		index = func(i int) (int32, error) {
			x := c.at(i, 0)
			if x >= float64(positions.count) {
				return 0, fmt.Errorf("accessors[%d]: index %d is %.0f, the primitive has %d vertices", *p.Indices, i, x, positions.count)
			}
			return int32(x), nil
		}
	}
	triangles := count / 3
	if mode != 4 {
		triangles = max(0, count-2)
	}
	if err := g.room(triangles); err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	out := make([]int32, 0, 3*triangles)
	for i := range triangles {
		if ended(g.ctx, i) {
			return nil, g.ctx.Err()
		}
		for _, k := range corners(mode, i) {
			x, err := index(k)
			if err != nil {
				return nil, err
			}
			out = append(out, x)
		}
	}
	return out, nil
}

// corners says which three vertices in the order of a list (4), strip (5) or fan (6) make triangle i.
func corners(mode, i int) [3]int {
	switch {
	case mode == 6:
		return [3]int{0, i + 1, i + 2}
	case mode == 5 && i%2 == 1:
		return [3]int{i + 1, i, i + 2} // every other triangle of a strip is turned over
	case mode == 5:
		return [3]int{i, i + 1, i + 2}
	}
	return [3]int{3 * i, 3*i + 1, 3*i + 2}
}

// mostVertices bounds what is kept when several nodes place the same mesh.
const mostVertices = 3 * MaxTriangles

// vertices adds the primitive's vertices as the node places them and tells where they begin.
func (g *glbReader) vertices(at string, p *primitive, here matrix) (corner, error) {
	first := corner{int32(len(g.positions)), none, none}
	c, err := g.column(at+".attributes.POSITION", *p.Attributes.Position, "VEC3")
	if err != nil {
		return first, err
	}
	if len(g.positions)+c.count > mostVertices {
		return first, fmt.Errorf("%s: the mesh has more than the %d vertices that are allowed", at, mostVertices)
	}
	for i := range c.count {
		if ended(g.ctx, i) {
			return first, g.ctx.Err()
		}
		v := narrow(here.point(vec.V{X: c.at(i, 0), Y: c.at(i, 1), Z: c.at(i, 2)}))
		if !inRange(v[0]) || !inRange(v[1]) || !inRange(v[2]) {
			return first, fmt.Errorf("accessors[%d]: vertex %d is %v, allowed are finite coordinates from %.0g to %.0g",
				*p.Attributes.Position, i, v, -MaxCoordinate, MaxCoordinate)
		}
		g.positions = append(g.positions, v)
	}
	if p.Attributes.Normal != nil {
		n, err := g.matching(at+".attributes.NORMAL", *p.Attributes.Normal, "VEC3", c.count)
		if err != nil {
			return first, err
		}
		first.n = int32(len(g.normals))
		upright := here.normals()
		for i := range n.count {
			if ended(g.ctx, i) {
				return first, g.ctx.Err()
			}
			g.normals = append(g.normals, finite(upright.direction(vec.V{X: n.at(i, 0), Y: n.at(i, 1), Z: n.at(i, 2)})))
		}
	}
	if p.Attributes.UV != nil {
		t, err := g.matching(at+".attributes.TEXCOORD_0", *p.Attributes.UV, "VEC2", c.count)
		if err != nil {
			return first, err
		}
		first.t = int32(len(g.uvs))
		for i := range t.count {
			if ended(g.ctx, i) {
				return first, g.ctx.Err()
			}
			g.uvs = append(g.uvs, [2]float32{float32(t.at(i, 0)), float32(t.at(i, 1))})
		}
	}
	return first, nil
}

// finite is a direction of length 1, or zero for one that has none: it counts as missing then.
func finite(v vec.V) [3]float32 {
	if l := v.Length(); !(l > 1e-12) || math.IsInf(l, 0) {
		return [3]float32{}
	}
	return narrow(v.Unit())
}

// matching is a column with as many entries as there are positions.
func (g *glbReader) matching(from string, number int, kind string, count int) (*column, error) {
	c, err := g.column(from, number, kind)
	if err == nil && c.count != count {
		err = fmt.Errorf("accessors[%d].count is %d, %s needs %d as POSITION has", number, c.count, from, count)
	}
	return c, err
}
