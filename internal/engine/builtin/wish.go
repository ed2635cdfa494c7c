package builtin

import (
	"maps"
	"slices"
	"strings"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/style"
)

func sortedTags() []string { return slices.Sorted(maps.Keys(groups)) }

// wish is what a prompt asks for. Families ask it questions; each question that finds its
// answer in a word marks the word as used, so that the report of used words is true.
type wish struct {
	words []word
	// meant holds the tags of each word; used tells which words shaped the picture.
	meant [][]string
	used  []bool
	// avoided are the tags of the negative prompt's words.
	avoided map[string]bool
	rng     *rng
	// family is the chosen family; it decides whether "rose" is a colour or a thing.
	family string
	// tiling asks for a scene that continues itself on all sides.
	tiling bool
	guides []guide
	// note says what the person should know of a choice that was made.
	note string
}

func newWish(prompt, negative string, seed int64) *wish {
	w := &wish{words: split(prompt), avoided: map[string]bool{}, rng: newRng(seed, strings.ToLower(prompt), strings.ToLower(negative))}
	for _, word := range split(negative) {
		for _, tag := range tags(word.key) {
			w.avoided[tag] = true
		}
	}
	denied := false
	for _, word := range w.words {
		var t []string
		if !stopWords[word.key] {
			t = tags(word.key)
		}
		refused := denied && len(t) > 0
		if refused {
			for _, tag := range t {
				w.avoided[tag] = true
			}
			t = nil
		}
		denied = word.key == "no" || word.key == "without"
		w.meant = append(w.meant, t)
		w.used = append(w.used, refused)
	}
	return w
}

// has tells whether the prompt asks for a thing (and the negative prompt does not refuse it).
func (w *wish) has(names ...string) bool {
	found := false
	for _, name := range names {
		found = w.tag("has/"+name) || found
	}
	return found
}

func (w *wish) tag(tag string) bool {
	if w.avoided[tag] {
		return false
	}
	found := false
	for i, meant := range w.meant {
		if slices.Contains(meant, tag) {
			w.used[i] = true
			found = true
		}
	}
	return found
}

// tagged tells whether a word has a tag, without using the word.
func (w *wish) tagged(tag string) bool {
	return !w.avoided[tag] && slices.ContainsFunc(w.meant, func(meant []string) bool { return slices.Contains(meant, tag) })
}

// elements adds the styles that words ask for ("oil painting") before those given, as far
// as there is room. A style that is given already is not added again.
func (w *wish) elements(given []engine.Element) []engine.Element {
	var list []engine.Element
	for i, meant := range w.meant {
		for _, tag := range meant {
			id, ok := strings.CutPrefix(tag, "style/")
			if !ok || w.avoided[tag] {
				continue
			}
			listed := func(e engine.Element) bool { return e.ID == id }
			switch {
			case slices.ContainsFunc(given, listed) || slices.ContainsFunc(list, listed):
				w.used[i] = true
			case len(list)+len(given) < style.MaxElements:
				list = append(list, engine.Element{ID: id, Weight: style.DefaultWeight})
				w.used[i] = true
			}
		}
	}
	return append(list, given...)
}

// unwanted tells whether the negative prompt refuses a thing.
func (w *wish) unwanted(tag string) bool { return w.avoided[tag] }

// mood tells whether the prompt asks for a mood.
func (w *wish) mood(name string) bool { return w.tag("mood/" + name) }

// weather tells whether the prompt asks for a kind of weather.
func (w *wish) weather(name string) bool { return w.tag("weather/" + name) }

// season is the season asked for, or empty.
func (w *wish) season() string { return w.first("season/") }

// hour is the time of day asked for, otherwise one of the given ones by chance.
func (w *wish) hour(usual ...string) string {
	if h := w.first("hour/"); h != "" {
		return h
	}
	return w.choose("hour/", usual)
}

// choose takes one of the values by chance, leaving out what the negative prompt refuses.
func (w *wish) choose(prefix string, values []string) string {
	allowed := slices.DeleteFunc(slices.Clone(values), func(v string) bool { return w.avoided[prefix+v] })
	if len(allowed) == 0 {
		allowed = values
	}
	return pick(w.rng, allowed...)
}

// first is the first tag with a prefix in the prompt's order, without the prefix.
func (w *wish) first(prefix string) string {
	for i, meant := range w.meant {
		for _, tag := range meant {
			if name, ok := strings.CutPrefix(tag, prefix); ok && !w.avoided[tag] {
				w.used[i] = true
				w.tag(tag) // other words may say the same
				return name
			}
		}
	}
	return ""
}

// paints are the colours that words name, as hue (turns), saturation and lightness.
var paints = map[string][3]float64{
	"red": {0.99, 0.72, 0.46}, "orange": {0.07, 0.85, 0.54}, "yellow": {0.13, 0.88, 0.58},
	"green": {0.36, 0.48, 0.40}, "teal": {0.49, 0.62, 0.42}, "blue": {0.60, 0.66, 0.48},
	"purple": {0.76, 0.48, 0.50}, "pink": {0.94, 0.68, 0.70}, "brown": {0.07, 0.42, 0.34},
	"white": {0.12, 0.25, 0.92}, "black": {0.65, 0.15, 0.11}, "grey": {0.60, 0.08, 0.55},
}

// colours are the names of the colours asked for, in the prompt's order. With names given,
// only those count; a colour that a family can't show is thereby reported as ignored.
func (w *wish) colours(among ...string) []string {
	var names []string
	for i, meant := range w.meant {
		if w.names(meant) {
			continue
		}
		for _, tag := range meant {
			name, ok := strings.CutPrefix(tag, "colour/")
			if !ok || w.avoided[tag] || len(among) > 0 && !slices.Contains(among, name) {
				continue
			}
			w.used[i] = true
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// names tells whether a word names a thing of the chosen family rather than a colour.
func (w *wish) names(meant []string) bool {
	return (w.family == "flowers" || w.family == "still") && slices.Contains(meant, "scene/"+w.family)
}

// tint is the first colour asked for.
func (w *wish) tint() (vec, bool) {
	names := w.colours()
	if len(names) == 0 {
		return vec{}, false
	}
	p := paints[names[0]]
	return hsl(p[0], p[1], p[2]), true
}

// sortWords lists the words that shaped the picture and those that did not, each once.
func (w *wish) sortWords() (used, ignored []string) {
	for i, word := range w.words {
		switch {
		case w.used[i] && !slices.Contains(used, word.text):
			used = append(used, word.text)
		case !w.used[i] && !stopWords[word.key] && !slices.Contains(ignored, word.text) && !slices.Contains(used, word.text):
			ignored = append(ignored, word.text)
		}
	}
	return used, ignored
}
