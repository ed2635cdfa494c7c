package builtin

import "math"

// composeDesert shows dunes, canyon land or another planet's ground.
func composeDesert(j *job, w *wish, f frame) (painting, error) {
	r := w.rng
	hour := w.hour("golden", "day", "sunset", "golden", "dawn")
	s := newSky(w, hour)
	s.cover *= 0.5
	title := "sand dunes"
	l := newLand(w, s)
	l.none, l.barren, l.trees, l.strata = true, true, 0, 1.1
	l.rough = 0.06
	l.sand, l.dry, l.rock = hex(0xdcae72), hex(0xcf9a5e), hex(0xa8683e)
	l.ripples = 1
	if w.has("mars") {
		title = "red planet's desert"
		l.sand, l.dry, l.rock = hex(0xb5623a), hex(0xa04e2c), hex(0x7d3d26)
		s.change(func(c vec) vec { return mix(c, hex(0xd9a27a).scale(c.luma()*2), 0.75) })
		s.cover, s.cirrus = 0, 0.2
		s.settle()
	} else if c, ok := w.tint(); ok {
		l.sand, l.dry = mix(l.sand, c, 0.45), mix(l.dry, c, 0.45)
	}
	rocks := w.has("rock")
	if w.has("mesa") || rocks || title != "sand dunes" || !w.has("dune") && r.chance(0.3) {
		l.rough, title = 0.7, title+" and rocks"
		if err := l.raise(j, w, "mesa", -1); err != nil {
			return painting{}, err
		}
	} else {
		l.rock, l.strata = l.dry.scale(0.92), 0 // steep sand is still sand
		if err := l.raiseDunes(j, r); err != nil {
			return painting{}, err
		}
	}
	want := goal{sky: 0.4, top: 0.09}
	if err := l.seek(j, r, f, want.towards(w)); err != nil {
		return painting{}, err
	}
	return newPainting(l, landLook(w, hour), title+", "+hourName(hour)), nil
}

// raiseDunes makes long asymmetric waves of sand with winding crests.
func (l *land) raiseDunes(j *job, r *rng) error {
	n := l.noise
	phase, rows := r.float(), float64(4+r.below(3))
	wave := func(p float64) float64 {
		p -= math.Floor(p)
		if p < 0.7 {
			q := p / 0.7
			return q * q * (1.6 - 0.6*q)
		}
		q := (1 - p) / 0.3
		return q * (0.55 + 0.45*q)
	}
	t, err := newTerrain(j, func(u, v float64) float64 {
		u, v = u+phase, v+phase
		bend := 0.9*n.periodic(u*4, v*4, 3) + 0.35*n.periodic(u*8+0.4, v*8, 7) + 0.09*n.periodic(u*16, v*16+0.5, 15)
		large := wave(v*rows+bend) * (0.55 + 0.5*n.periodic(u*4+0.7, v*4+0.3, 3))
		bend2 := 0.8*n.periodic(u*8+0.2, v*8, 7) + 0.25*n.periodic(u*16, v*16, 15)
		small := wave(v*rows*3+u*rows+bend2) * (0.5 + 0.5*n.periodic(u*8, v*8+0.5, 7))
		return 1.15*large + 0.16*small + 0.3*n.periodic(u*4, v*4+0.5, 3)
	})
	if err != nil {
		return err
	}
	l.terrain = t
	t.lower(0.01)
	t.settle()
	return nil
}
