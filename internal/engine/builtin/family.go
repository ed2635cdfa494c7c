package builtin

import (
	"slices"
	"strings"
)

// family is one kind of scene the painter knows.
type family struct {
	id      string
	compose func(j *job, w *wish, f frame) (painting, error)
}

var families = []family{
	{"landscape", composeLandscape},
	{"coast", composeCoast},
	{"desert", composeDesert},
	{"space", composeSpace},
	{"city", composeCity},
	{"forest", composeForest},
	{"abstract", composeAbstract},
	{"poster", composePoster},
	{"pattern", composePattern},
	{"flowers", composeFlowers},
	{"reef", composeReef},
	{"still", composeStill},
}

// pleasant are the families to choose from when no word of the prompt names a scene.
var pleasant = []string{"landscape", "coast", "forest", "space", "flowers"}

func newPainting(s scene, k look, title string) painting {
	return painting{scene: s, look: k, title: title, view: view{zoom: 1}}
}

// compose chooses a family by the prompt's words and lets it set up its scene.
func compose(j *job, w *wish, f frame) (painting, error) {
	before := slices.Clone(w.used)
	id := chooseFamily(w)
	if tile := w.seamless(id); w.tiling && tile != id {
		id, w.used = tile, before // the words for the scene shaped nothing
	}
	w.family = id
	i := slices.IndexFunc(families, func(f family) bool { return f.id == id })
	p, err := families[i].compose(j, w, f)
	p.look.mono = w.mood("mono")
	if err == nil && !p.look.wraps {
		p.view.zoom = w.lens()
	}
	return p, err
}

// lens is how wide the camera looks by the prompt's words.
func (w *wish) lens() float64 {
	switch {
	case w.tag("camera/wide"):
		return 1.4
	case w.tag("camera/close"):
		return 0.7
	}
	return 1
}

// seamless gives the family that continues itself on all sides and comes nearest to the
// one that was asked for.
func (w *wish) seamless(id string) string {
	switch {
	case !w.tiling || id == "pattern" || id == "abstract":
		return id
	case id == "poster":
		w.note = "A poster can't continue itself on all sides, so a seamless pattern was painted instead."
		return "pattern"
	case id == "flowers" || w.tagged("has/leaf") || w.tagged("has/flower"):
		w.note = "A scene can't continue itself on all sides, so a seamless pattern was painted instead."
		return "pattern"
	}
	w.note = "A scene can't continue itself on all sides, so a seamless abstract was painted instead."
	return "abstract"
}

// votes of a word for a family, by how clearly it names it.
const (
	formVote  = 100
	sceneVote = 3
	hintVote  = 1
)

// chooseFamily counts votes; the family named first wins a tie.
func chooseFamily(w *wish) string {
	score := map[string]int{}
	var order []string
	for _, meant := range w.meant {
		for _, tag := range meant {
			kind, id, _ := strings.Cut(tag, "/")
			points := map[string]int{"form": formVote, "scene": sceneVote, "hint": hintVote}[kind]
			if points == 0 || w.avoided[tag] || w.avoided["scene/"+id] {
				continue
			}
			if score[id] == 0 {
				order = append(order, id)
			}
			score[id] += points
		}
	}
	if len(order) == 0 {
		usual := slices.DeleteFunc(slices.Clone(pleasant), func(id string) bool {
			return w.avoided["scene/"+id] || w.avoided["form/"+id]
		})
		if len(usual) == 0 {
			usual = pleasant
		}
		return pick(w.rng, usual...)
	}
	best := order[0]
	for _, id := range order {
		if score[id] > score[best] {
			best = id
		}
	}
	if best == "forest" {
		best = w.wooded(score)
	}
	for _, kind := range []string{"form/", "scene/", "hint/"} {
		w.tag(kind + best)
	}
	return best
}

// wooded gives the family that shows a forest together with what else was asked for:
// mountains, lakes and shores can have trees, while a forest has neither.
func (w *wish) wooded(score map[string]int) string {
	if w.tagged("has/path") || w.tagged("has/birch") || w.tagged("has/rays") {
		return "forest"
	}
	for _, id := range []string{"landscape", "coast"} {
		if score[id] >= sceneVote {
			return id
		}
	}
	return "forest"
}
