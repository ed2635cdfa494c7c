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

// compose chooses a family by the prompt's words and lets it set up its scene.
func compose(j *job, w *wish, f frame) (painting, error) {
	id := chooseFamily(w)
	w.family = id
	i := slices.IndexFunc(families, func(f family) bool { return f.id == id })
	p, err := families[i].compose(j, w, f)
	p.look.mono = w.mood("mono")
	if err != nil || !w.tag("form/lowpoly") {
		return p, err
	}
	p.scene, err = newFacets(j, p.scene, w, f)
	p.title, p.look.bloom = "low-poly "+p.title, 0
	return p, err
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
			if points == 0 || w.avoided[tag] || w.avoided["scene/"+id] || id == "lowpoly" {
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
	for _, kind := range []string{"form/", "scene/", "hint/"} {
		w.tag(kind + best)
	}
	return best
}
