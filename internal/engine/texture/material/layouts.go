package material

import (
	"math"

	"github.com/florin-studio/florin/internal/engine/texture/vec"
)

// Whole turns change nothing in a fill that repeats, so they carry the piece's number to
// fills that want to know it: v grows by turns for each of the pieces.
const (
	turns  = 16
	pieces = 4096
)

// inside lays a fill into a piece: moved by the piece's number so that no two are alike,
// and a little brighter or darker.
func inside(fill shade, u, v, id, vary float64) Texel {
	t := fill(u+id*7.31, v+id*3.77+1+turns*math.Floor(id*pieces))
	t.Color = t.Color.Scale(1 + vary*(id-0.5))
	return t
}

// sunk is a joint between pieces.
func sunk(t Texel, joint Texel, in float64) Texel {
	t.Color = vec.Mix(joint.Color, t.Color, in)
	t.Rough = vec.Lerp(joint.Rough, t.Rough, in)
	t.Metal = vec.Lerp(joint.Metal, t.Metal, in)
	t.Glow *= in
	return t
}

// bricks lays rows of blocks with joints.
func bricks(nx, ny int, shift, joint float64, mortar uint32, vary, fine float64) func(k *kit, fill shade) shade {
	return func(k *kit, fill shade) shade {
		rows := k.count(ny, 2)
		across := max(1, rows*nx/ny)
		grout := vec.Hex(mortar)
		return func(u, v float64) Texel {
			a, b := k.bend(u, v, rows*2, 0.004*fine, 61)
			d := k.rows(a, b, across, rows, shift, 7)
			g := k.fbm(u, v, rows*8, rows*8, 3, 71)
			t := inside(fill, u, v, d.id, vary)
			in := vec.Smooth(joint*0.6, joint*1.5, d.edge+0.025*fine*g)
			h := in * (0.68 + 0.12*(d.id-0.5)*fine + 0.24*(t.Height-0.5) + 0.05*vec.Smooth(joint, joint+0.2, d.edge))
			t = sunk(t, Texel{Color: grout.Scale(1 + 0.2*g), Rough: 0.93}, in)
			t.Height = h + 0.06*(1-in)*g
			return t
		}
	}
}

// layouts are patterns of pieces, each filled with a substance.
var layouts = map[string]recipe{
	"brick": {relief: 0.03, fill: "brickclay", make: bricks(4, 10, 0.5, 0.07, 0xb0a698, 0.5, 1)},
	"planks": {relief: 0.014, fill: "wood", make: func(k *kit, fill shade) shade {
		lay := bricks(1, 6, 0.5, 0.018, 0x1c120b, 0.55, 0.15)(k, fill)
		return lay
	}},
	"tiles":       {relief: 0.014, fill: "ceramic", make: bricks(6, 6, 0, 0.035, 0xc9c4ba, 0.14, 0.1)},
	"stonewall":   {relief: 0.06, fill: "stone", make: cobbles(5, 8, 0.62, 0.10, 0x6b645b)},
	"cobble":      {relief: 0.08, fill: "stone", make: cobbles(8, 8, 0.75, 0.22, 0x3a352f)},
	"mosaic":      {relief: 0.012, fill: "glaze", make: cobbles(24, 24, 0.30, 0.07, 0xd6d0c4)},
	"terrazzo":    {relief: 0.001, fill: "glaze", make: terrazzo},
	"scales":      {relief: 0.05, fill: "horn", make: scales},
	"panels":      {relief: 0.02, fill: "paintedmetal", make: panels},
	"wicker":      {relief: 0.05, fill: "straw", make: wicker},
	"hammered":    {relief: 0.02, fill: "copper", make: hammered},
	"checker":     {relief: 0.001, fill: "glaze", make: checker},
	"herringbone": {relief: 0.01, fill: "wood", make: herringbone},
}

// cobbles lays uneven pieces with round edges.
func cobbles(nx, ny int, jitter, joint float64, mortar uint32) func(k *kit, fill shade) shade {
	return func(k *kit, fill shade) shade {
		rows := k.count(ny, 1)
		across := max(1, rows*nx/ny)
		grout := vec.Hex(mortar)
		return func(u, v float64) Texel {
			a, b := k.bend(u, v, rows, 0.10*joint/float64(rows), 61)
			d := k.cells(a, b, across, rows, jitter, 7)
			t := inside(fill, u, v, d.id, 0.5)
			in := vec.Smooth(joint*0.35, joint*0.75, d.edge)
			g := k.fbm(u, v, rows*6, rows*6, 3, 71)
			round := math.Sqrt(vec.Clamp((d.edge-joint*0.35)/0.45, 0, 1))
			t = sunk(t, Texel{Color: grout.Scale(1 + 0.25*g), Rough: 0.95}, in)
			t.Height = in*(0.25+0.55*round+0.15*(t.Height-0.5)+0.12*(d.id-0.5)) + 0.10*(1-in)*(1+g)
			return t
		}
	}
}

func terrazzo(k *kit, fill shade) shade {
	n, ground := k.count(9, 1), vec.Hex(0xe4dfd6)
	return func(u, v float64) Texel {
		for layer := range 3 {
			m := n << layer
			a, b := k.bend(u, v, m, 0.02/float64(layer+1), 60+layer)
			d := k.cells(a, b, m, m, 1, 7+layer)
			if d.id < 0.45 && d.edge > 0.12 {
				t := inside(fill, u, v, vec.Hash(int(d.id*9999), layer, 3), 0.4)
				t.Height, t.Rough = 0.5, 0.14
				return t
			}
		}
		return Texel{Color: ground.Scale(1 + 0.06*k.fbm(u, v, n*8, n*8, 3, 91)), Height: 0.5, Rough: 0.18}
	}
}

// scales are overlapping rows, each moved by half a scale.
func scales(k *kit, fill shade) shade {
	n := k.count(10, 2)
	rows := n * 3 / 2
	rows += rows & 1
	return func(u, v float64) Texel {
		y := v * float64(rows)
		j0, _ := vec.Floor(y)
		for j := j0 + 1; j >= j0-2; j-- {
			shift := 0.5 * float64(j&1)
			i, x := vec.Floor(u*float64(n) + shift)
			dx, dy := 2*x-1, (y-float64(j))/1.9
			d := math.Hypot(dx, (dy-0.12)*1.12)
			if dy < 0 && d > 1 || d > 1 || dy > 1 {
				continue
			}
			id := vec.Hash(vec.Wrap(i, n), vec.Wrap(j, rows), k.salt)
			t := inside(fill, u, v, id, 0.45)
			keel := vec.Smooth(0.12, 0, math.Abs(dx)) * 0.08
			t.Height = vec.Clamp(0.25+0.6*dy+0.2*(1-dx*dx)+keel-0.3*vec.Smooth(0.88, 1, d)+0.1*(t.Height-0.5), 0, 1)
			t.Color = t.Color.Scale(0.55 + 0.55*vec.Clamp(dy+0.2, 0, 1)).Scale(1 - 0.5*vec.Smooth(0.86, 1, d))
			return t
		}
		return Texel{Color: vec.V{X: 0.01, Y: 0.01, Z: 0.01}, Rough: 0.9}
	}
}

// panels are plates of several sizes with gaps, bolts and lit slots.
func panels(k *kit, fill shade) shade {
	n := k.count(4, 1)
	light := vec.Hex(0x38d6ff)
	if len(k.inks) > 1 {
		light = k.inks[1]
	}
	return func(u, v float64) Texel {
		x, y, size := u*float64(n), v*float64(n), n
		i, fx := vec.Floor(x)
		j, fy := vec.Floor(y)
		depth := 0.0
		unit := 1.0
		for level := range 3 {
			id := vec.Hash(vec.Wrap(i, size), vec.Wrap(j, size), k.salt+level)
			if id > 0.62-0.14*float64(level) {
				break
			}
			size, unit = size*2, unit/2
			i, j = 2*i, 2*j
			fx, fy = 2*fx, 2*fy
			if fx >= 1 {
				i, fx = i+1, fx-1
			}
			if fy >= 1 {
				j, fy = j+1, fy-1
			}
			depth++
		}
		a, b := vec.Wrap(i, size), vec.Wrap(j, size)
		id, kind := vec.Hash(a, b, k.salt+20), vec.Hash(a, b, k.salt+21)
		t := inside(fill, u, v, id, 0.45)
		edge := math.Min(math.Min(fx, 1-fx), math.Min(fy, 1-fy)) * unit
		h := vec.Smooth(0.008, 0.03, edge) * (0.55 + 0.3*id)
		cx, cy := math.Abs(fx-0.5), math.Abs(fy-0.5)
		bolt := math.Hypot(cx-0.5+0.06/unit, cy-0.5+0.06/unit) * unit
		switch {
		case kind < 0.18 && cx < 0.34: // grille
			s := vec.Smooth(-0.3, 0.3, math.Sin(2*math.Pi*fy*7))
			if cy < 0.36 {
				h *= 0.45 + 0.55*s
				t.Color = t.Color.Scale(0.35 + 0.65*s)
			}
		case kind < 0.27 && cy < 0.07 && cx < 0.3: // lit slot
			t.Color, t.Glow, t.Rough, t.Metal, h = light, 1.6, 0.4, 0, h*0.6
		case kind > 0.72: // raised plate
			h *= vec.Lerp(0.8, 1.1, vec.Smooth(0.36, 0.33, math.Max(cx, cy)))
		}
		if unit > 0.3 && bolt < 0.022 {
			h += 0.12 * thread(bolt/0.022)
		}
		groove := vec.Smooth(0.006, 0.018, edge)
		t.Color = t.Color.Scale(0.12 + 0.88*groove)
		t.Height = h
		return t
	}
}

// wicker is a basket of flat strips, over and under.
func wicker(k *kit, fill shade) shade {
	n := k.count(10, 2)
	return func(u, v float64) Texel {
		i, x := vec.Floor(u * float64(n))
		j, y := vec.Floor(v * float64(n))
		a, b := vec.Wrap(i, n), vec.Wrap(j, n)
		along, across, id := x, y, vec.Hash(3, b, k.salt)
		t := Texel{}
		if (i+j)&1 == 0 {
			along, across, id = y, x, vec.Hash(a, 5, k.salt)
			t = inside(fill, v, u, id, 0.4)
		} else {
			t = inside(fill, u, v, id, 0.4)
		}
		h := math.Sin(math.Pi*along) * math.Pow(thread(vec.Clamp((2*across-1)*1.08, -1, 1)), 0.5)
		t.Height = h*0.85 + 0.1*t.Height
		t.Color = t.Color.Scale(0.18 + 0.85*vec.Smooth(0, 0.75, h))
		return t
	}
}

// hammered metal is covered with shallow round dents.
func hammered(k *kit, fill shade) shade {
	n := k.count(11, 1)
	return func(u, v float64) Texel {
		a, b := k.bend(u, v, n, 0.006, 61)
		d := k.cells(a, b, n, n, 0.85, 7)
		t := fill(u, v)
		t.Height = vec.Clamp(d.near*d.near*1.1, 0, 1) + 0.05*(d.id-0.5)
		t.Color = t.Color.Scale(0.82 + 0.3*vec.Clamp(d.near, 0, 1))
		return t
	}
}

func checker(k *kit, fill shade) shade {
	n := k.count(8, 2)
	c := k.colours(0xe9e4da, 0x26262a)
	return func(u, v float64) Texel {
		i, x := vec.Floor(u * float64(n))
		j, y := vec.Floor(v * float64(n))
		t := inside(fill, u, v, vec.Hash(vec.Wrap(i, n), vec.Wrap(j, n), k.salt), 0.1)
		t.Color = vec.Mix(c[(i+j)&1], t.Color, 0.12)
		t.Height = vec.Smooth(0, 0.03, math.Min(math.Min(x, 1-x), math.Min(y, 1-y)))
		return t
	}
}

// herringbone lays blocks of one by two at right angles.
func herringbone(k *kit, fill shade) shade {
	n := k.count(8, 8)
	return func(u, v float64) Texel {
		i, x := vec.Floor(u * float64(n))
		j, y := vec.Floor(v * float64(n))
		// Every block is four squares long; the diagonal tells which square of which block.
		s := vec.Wrap(i+j, 8)
		var along, across float64
		var id float64
		level := s < 4
		if level {
			along, across = (float64(s)+x)/4, y
			id = vec.Hash(vec.Wrap(i-s, n), vec.Wrap(j, n), k.salt)
		} else {
			along, across = (float64(s-4)+y)/4, x
			id = vec.Hash(vec.Wrap(i, n), vec.Wrap(j-s+4, n)+n, k.salt)
		}
		edge := math.Min(math.Min(along, 1-along)*4, math.Min(across, 1-across))
		t := Texel{}
		if level {
			t = inside(fill, u, v, id, 0.6)
		} else {
			t = inside(fill, v, u, id, 0.6)
		}
		in := vec.Smooth(0.01, 0.06, edge)
		t.Color = t.Color.Scale(0.2 + 0.8*in)
		t.Height = in*0.7 + 0.2*t.Height
		return t
	}
}
