package raster

import (
	"context"
	"math"

	"github.com/florin-studio/florin/internal/engine/texture/vec"
)

// linear goes from eight bits of sRGB to linear light.
var linear = func() (l [256]float64) {
	for i := range l {
		l[i] = vec.ToLinear(float64(i) / 255)
	}
	return l
}()

type sample struct {
	color, glow                vec.V
	nx, ny, rough, metal, open float64
}

// look samples the texture between four pixels of the level that fits.
func (s *scene) look(u, v, footprint float64) sample {
	level := int(vec.Clamp(math.Log2(math.Max(footprint*float64(s.maps.Size), 1e-9))+0.2, 0, float64(len(s.maps.Levels)-1)))
	pix, n := s.maps.Levels[level], s.maps.Size>>level
	x, fx := vec.Floor(u*float64(n) - 0.5)
	y, fy := vec.Floor(v*float64(n) - 0.5)
	var o sample
	for k := range 4 {
		i, j := k&1, k>>1
		w := (1 - fx + float64(i)*(2*fx-1)) * (1 - fy + float64(j)*(2*fy-1))
		p := pix[((y+j)&(n-1))*n+((x+i)&(n-1))]
		c := vec.V{X: linear[p.R], Y: linear[p.G], Z: linear[p.B]}
		o.color = o.color.Add(c.Scale(w))
		o.glow = o.glow.Add(c.Scale(w * float64(p.Glow) / 255 * 2))
		o.nx, o.ny = o.nx+w*(float64(p.NX)/127.5-1), o.ny+w*(float64(p.NY)/127.5-1)
		o.rough, o.metal, o.open = o.rough+w*float64(p.Rough)/255, o.metal+w*float64(p.Metal)/255, o.open+w*float64(p.Light)/255
	}
	return o
}

// lamps are directions to the light, in the camera's frame, and their strength.
var lamps = [3]struct{ to, strength vec.V }{
	{vec.V{X: -0.55, Y: 0.72, Z: 0.62}.Unit(), vec.V{X: 3.3, Y: 3.15, Z: 2.9}},
	{vec.V{X: 0.8, Y: 0.15, Z: 0.55}.Unit(), vec.V{X: 0.55, Y: 0.62, Z: 0.75}},
	{vec.V{X: 0.45, Y: 0.55, Z: -0.8}.Unit(), vec.V{X: 1.7, Y: 1.75, Z: 1.9}},
}

// shade is the light from a triangle at a sample.
func (s *scene) shade(number int, px, py float64) vec.V {
	t := s.m.Triangles[number]
	a, b, c := s.screen[t[0]], s.screen[t[1]], s.screen[t[2]]
	area := (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0])
	weigh := func(px, py float64) (u, v, w, one float64) {
		u = ((c[0]-b[0])*(py-b[1]) - (c[1]-b[1])*(px-b[0])) / area * a[2]
		v = ((a[0]-c[0])*(py-c[1]) - (a[1]-c[1])*(px-c[0])) / area * b[2]
		w = (1 - u/a[2] - v/b[2]) * c[2]
		one = u + v + w
		return u / one, v / one, w / one, one
	}
	ta, tb, tc := s.m.UVs[t[0]], s.m.UVs[t[1]], s.m.UVs[t[2]]
	uv := func(px, py float64) (x, y float64) {
		u, v, w, _ := weigh(px, py)
		return u*float64(ta[0]) + v*float64(tb[0]) + w*float64(tc[0]), u*float64(ta[1]) + v*float64(tb[1]) + w*float64(tc[1])
	}
	tu, tv := uv(px, py)
	ru, rv := uv(px+fine, py)
	du, dv := uv(px, py+fine)
	print := math.Sqrt(math.Abs((ru-tu)*(dv-tv) - (rv-tv)*(du-tu)))
	o := s.look(tu, tv, math.Max(print, 0.35*math.Max(math.Hypot(ru-tu, rv-tv), math.Hypot(du-tu, dv-tv))))
	u, v, w, _ := weigh(px, py)
	n := s.m.Normal(t[0]).Scale(u).Add(s.m.Normal(t[1]).Scale(v)).Add(s.m.Normal(t[2]).Scale(w)).Unit()
	g := s.m.Tangents[t[0]]
	tangent := vec.V{}
	for k, i := range t {
		q := s.m.Tangents[i]
		tangent = tangent.Add(vec.V{X: float64(q[0]), Y: float64(q[1]), Z: float64(q[2])}.Scale([3]float64{u, v, w}[k]))
	}
	tangent = tangent.Sub(n.Scale(n.Dot(tangent))).Unit()
	bit := n.Cross(tangent).Scale(float64(g[3]))
	n = tangent.Scale(o.nx).Add(bit.Scale(o.ny)).Add(n.Scale(math.Sqrt(math.Max(0.05, 1-o.nx*o.nx-o.ny*o.ny)))).Unit()
	place := s.local(t[0]).Scale(u).Add(s.local(t[1]).Scale(v)).Add(s.local(t[2]).Scale(w))
	eye := s.eye.Sub(place).Unit()
	if n.Dot(eye) < 0 {
		n = n.Sub(eye.Scale(2 * n.Dot(eye))) // the back of an open mesh
	}
	return s.lit(o, n, eye)
}

// lit adds up lamps, room and glow.
func (s *scene) lit(o sample, n, eye vec.V) vec.V {
	mirror := vec.Mix(vec.V{X: 0.04, Y: 0.04, Z: 0.04}, o.color, o.metal)
	matte := o.color.Scale(1 - o.metal)
	facing := math.Max(n.Dot(eye), 1e-3)
	alpha := math.Max(o.rough*o.rough, 0.012)
	sum := o.glow
	for _, lamp := range lamps {
		to := s.right.Scale(lamp.to.X).Add(s.up.Scale(lamp.to.Y)).Sub(s.fwd.Scale(lamp.to.Z))
		cos := n.Dot(to)
		if cos <= 0 {
			continue
		}
		half := to.Add(eye).Unit()
		nh, vh := math.Max(n.Dot(half), 0), math.Max(eye.Dot(half), 0)
		d := nh*nh*(alpha*alpha-1) + 1
		spread := alpha * alpha / (math.Pi * d * d)
		k := alpha / 2
		hide := 1 / ((facing*(1-k) + k) * (cos*(1-k) + k) * 4)
		fresnel := mirror.Add(vec.V{X: 1, Y: 1, Z: 1}.Sub(mirror).Scale(math.Pow(1-vh, 5)))
		sum = sum.Add(lamp.strength.Mul(matte.Scale(1 / math.Pi).Add(fresnel.Scale(math.Min(spread*hide, 12)))).Scale(cos * (0.4 + 0.6*o.open)))
	}
	rim := math.Pow(1-facing, 5) * (1 - o.rough)
	bounce := n.Scale(2 * n.Dot(eye)).Sub(eye)
	sum = sum.Add(matte.Mul(s.room(n, 1)).Scale(o.open * 0.75))
	return sum.Add(mirror.Add(vec.V{X: rim, Y: rim, Z: rim}.Scale(0.8)).Mul(s.room(bounce, o.rough)).Scale(0.35 + 0.65*o.open))
}

// room is the light that comes from a direction in a studio: bright above, dark below,
// with two windows; rough surfaces see it blurred.
func (s *scene) room(d vec.V, rough float64) vec.V {
	wide := 0.12 + 0.9*rough
	sky := vec.Smooth(-wide, wide, d.Y+0.05)
	c := vec.Mix(vec.V{X: 0.21, Y: 0.20, Z: 0.19}, vec.V{X: 0.50, Y: 0.54, Z: 0.60}, sky)
	for i, strength := range [2]float64{2.6, 1.3} {
		to := s.right.Scale(lamps[i].to.X).Add(s.up.Scale(lamps[i].to.Y)).Sub(s.fwd.Scale(lamps[i].to.Z))
		near := 0.88 - 0.75*rough*rough
		soft := 0.06 + 0.9*rough
		win := vec.Smooth(near-soft, math.Min(1, near+soft), d.Dot(to)) * strength * (1 - 0.8*rough)
		c = c.Add(vec.V{X: 1, Y: 0.99, Z: 0.96}.Scale(win))
	}
	return c
}

// shadowSide is the resolution of the ground's shadow, which spans four radii.
const shadowSide = 192

// castShadow drops every vertex's triangle along the light onto the ground and blurs it.
func (s *scene) castShadow(ctx context.Context) error {
	s.shadow = make([]float64, shadowSide*shadowSide)
	step := max(1, len(s.m.Triangles)/200000)
	for i := 0; i < len(s.m.Triangles); i += step {
		if i/step&255 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		t := s.m.Triangles[i]
		a, b, c := s.local(t[0]), s.local(t[1]), s.local(t[2])
		long := math.Max(a.Sub(b).Length(), math.Max(b.Sub(c).Length(), c.Sub(a).Length()))
		parts := min(64, 1+int(long*shadowSide/4))
		for j := range parts + 1 {
			for k := range parts + 1 - j {
				u, v := float64(j)/float64(parts), float64(k)/float64(parts)
				p := a.Scale(u).Add(b.Scale(v)).Add(c.Scale(1 - u - v))
				high := p.Y - s.floor
				x, y := int((p.X+0.35*high+2)/4*shadowSide), int((p.Z-0.25*high+2)/4*shadowSide)
				if x >= 0 && y >= 0 && x < shadowSide && y < shadowSide {
					q := &s.shadow[y*shadowSide+x]
					*q = math.Max(*q, math.Exp(-1.3*high))
				}
			}
		}
	}
	for range 3 {
		s.shadow = blur(blur(s.shadow))
	}
	return nil
}

// blur averages rows over a few cells and turns the map, so that twice does both ways.
func blur(in []float64) []float64 {
	const reach = 4
	out := make([]float64, len(in))
	for y := range shadowSide {
		for x := range shadowSide {
			sum := 0.0
			for i := max(0, x-reach); i <= min(shadowSide-1, x+reach); i++ {
				sum += in[y*shadowSide+i]
			}
			out[x*shadowSide+y] = sum / (2*reach + 1)
		}
	}
	return out
}

// ground is the background: a floor that fades into a wall, with the shadow.
func (s *scene) ground(px, py float64) vec.V {
	x, y := px/float64(s.n)-0.5, py/float64(s.n)-0.5
	c := vec.Mix(vec.V{X: 0.66, Y: 0.67, Z: 0.68}, vec.V{X: 0.36, Y: 0.37, Z: 0.39}, vec.Clamp(1.5*(x*x+y*y), 0, 1))
	ray := s.fwd.Add(s.right.Scale((px - float64(s.n)/2) / s.zoom)).Add(s.up.Scale((float64(s.n)/2 - py) / s.zoom))
	if ray.Y > -1e-6 {
		return c
	}
	p := s.eye.Add(ray.Scale((s.floor - s.eye.Y) / ray.Y))
	u, v := (p.X+2)/4*shadowSide-0.5, (p.Z+2)/4*shadowSide-0.5
	i, fu := vec.Floor(u)
	j, fv := vec.Floor(v)
	if i < 0 || j < 0 || i >= shadowSide-1 || j >= shadowSide-1 {
		return c
	}
	at := func(i, j int) float64 { return s.shadow[j*shadowSide+i] }
	dark := vec.Lerp(vec.Lerp(at(i, j), at(i+1, j), fu), vec.Lerp(at(i, j+1), at(i+1, j+1), fu), fv)
	return c.Scale(1 - 0.75*math.Min(1, dark*1.3))
}
