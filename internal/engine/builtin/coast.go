package builtin

// composeCoast shows islands, cliffs or a beach by the sea.
func composeCoast(j *job, w *wish, f frame) (painting, error) {
	r := w.rng
	hour := w.hour("day", "golden", "sunset", "day", "dawn")
	l := newLand(w, newSky(w, hour))
	palm := w.has("palm")
	island, cliff, beach := w.has("island"), w.has("cliff"), w.has("beach") || palm
	if !island && !cliff && !beach {
		switch w.choose("has/", []string{"island", "cliff", "beach"}) {
		case "island":
			island = true
		case "cliff":
			cliff = true
		default:
			beach = true
		}
	}
	l.waves, l.foam = 1, 1
	switch {
	case w.has("wave") || w.weather("storm"):
		l.waves = 1.9
	case w.mood("calm"):
		l.waves = 0.35
	}
	l.deep, l.shoal = hex(0x0a3557), hex(0x2f9a98)
	if palm {
		l.deep, l.shoal = hex(0x0b5a80), hex(0x4fd0c0)
	}
	kind, share, title := "island", r.between(0.5, 0.62), "islands in the sea"
	switch {
	case cliff:
		kind, share, title = "cliff", r.between(0.42, 0.5), "cliffs by the sea"
	case beach && !island:
		kind, share, title = "beach", r.between(0.4, 0.5), "beach"
	}
	if err := l.raiseCoast(j, w, kind, share); err != nil {
		return painting{}, err
	}
	l.beach, l.rough = 0.14, 0.45
	if kind == "beach" {
		l.rough = 0.12
	}
	if kind == "cliff" {
		l.beach = 0.03
	}
	l.trees, l.treeLine, l.round = r.between(0.25, 0.7), 1, true
	if kind == "beach" {
		l.trees *= 0.5
	}
	if w.has("forest") && !palm {
		l.trees = 0.85
	}
	if w.unwanted("has/forest") {
		l.trees = 0
	}
	l.broadleaf(w)
	want := goal{sky: 0.42, water: 0.34, top: 0.08, low: true}
	if kind == "beach" {
		want = goal{sky: 0.40, water: 0.28, top: 0.07, low: true}
	}
	if err := l.seek(j, r, f, want.towards(w)); err != nil {
		return painting{}, err
	}
	var s scene = l
	if palm {
		s, title = newPalms(l, w, f), title+" with palms"
	} else if w.has("boat") {
		if b := newBoats(l, w, f); len(b.list) > 0 {
			s, title = b, title+" with sails"
		}
	}
	return newPainting(s, landLook(w, hour), title+", "+hourName(hour)), nil
}

// raiseCoast makes the land that rises from the sea.
func (l *land) raiseCoast(j *job, w *wish, kind string, share float64) error {
	n, r := l.noise, w.rng
	phase := r.float()
	octaves := func(u, v float64, base, count int) float64 {
		sum, amp := 0.0, 1.0
		for k := range count {
			c := min(base<<k, 256)
			sum += amp * n.periodic(u*float64(c)+float64(k)*0.37, v*float64(c)+float64(k)*0.71, c-1)
			amp *= 0.47
		}
		return sum
	}
	t, err := newTerrain(j, func(u, v float64) float64 {
		u, v = u+phase, v+phase*0.7
		wu, wv := u+0.025*octaves(u+0.4, v, 4, 3), v+0.025*octaves(u, v+0.2, 4, 3)
		x := octaves(wu, wv, 4, 6)
		switch kind {
		case "cliff":
			x = octaves(wu, wv, 8, 5)
			edge := smooth(-0.06, 0.10, x)
			return edge*(0.75+0.35*octaves(u, v, 16, 4)) + x*0.5 + 0.10*octaves(u, v, 32, 3)*edge
		case "beach":
			high := max(0, octaves(wu, wv, 4, 5)-0.15)
			return 0.42*octaves(wu, wv, 4, 3) + high*high*1.6
		}
		if x > 0 {
			return x*x*1.5 + x*0.55
		}
		return x * 0.8
	})
	if err != nil {
		return err
	}
	l.terrain = t
	t.lower(share)
	if err := t.erode(j, r, 16000); err != nil {
		return err
	}
	t.settle()
	return nil
}
