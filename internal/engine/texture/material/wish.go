package material

import (
	"slices"
	"strconv"
	"strings"

	"github.com/florin-studio/florin/internal/engine/texture/vec"
)

// word is one word of a prompt: as written, as looked up, what it means, and whether it
// shaped the surface.
type word struct {
	text, key string
	tags      []string
	used      bool
}

// wish is what a prompt asks for.
type wish struct{ words []word }

func newWish(prompt string) *wish {
	w := &wish{}
	for _, field := range strings.FieldsFunc(prompt, func(r rune) bool { return strings.ContainsRune(" \t\r\n,.;:!?()[]{}\"/|+&*", r) }) {
		key := strings.ToLower(field)
		if n := len(w.words); n > 0 && len(lexicon[w.words[n-1].key+" "+key]) > 0 {
			last := &w.words[n-1]
			last.text, last.key = last.text+" "+field, last.key+" "+key
			last.tags = lexicon[last.key]
			continue
		}
		w.words = append(w.words, word{text: field, key: key, tags: meaning(key)})
	}
	return w
}

// meaning finds a word as written or without a common ending.
func meaning(key string) []string {
	for _, end := range [...][2]string{{"", ""}, {"s", ""}, {"es", ""}, {"y", ""}, {"ed", ""}, {"ing", ""}, {"ies", "y"}} {
		if stem, ok := strings.CutSuffix(key, end[0]); ok && len(lexicon[stem+end[1]]) > 0 {
			return lexicon[stem+end[1]]
		}
	}
	return lexicon[strings.ReplaceAll(key, "-", " ")]
}

// all lists what the words with a prefix mean, each once and in order, and marks them used.
func (w *wish) all(prefix string) []string {
	var out []string
	for i := range w.words {
		for _, tag := range w.words[i].tags {
			if name, ok := strings.CutPrefix(tag, prefix); ok {
				w.words[i].used = true
				if !slices.Contains(out, name) {
					out = append(out, name)
				}
			}
		}
	}
	return out
}

// named is the list of materials, the one at the bottom first: in "moss on stone" stone.
func (w *wish) named() []string {
	list := w.all("is/")
	for i := range w.words {
		if slices.Contains(w.words[i].tags, "link/on") && i > 0 && i+1 < len(w.words) && len(list) > 1 {
			before := &wish{w.words[:i]}
			if first := before.all("is/"); len(first) > 0 {
				w.words[i].used = true
				list = append(list[1:], first[0])
			}
			break
		}
	}
	return list
}

// sorted lists the words that shaped the surface and those that did not, each once.
func (w *wish) sorted() (used, ignored []string) {
	for _, word := range w.words {
		switch {
		case word.used && !slices.Contains(used, word.text):
			used = append(used, word.text)
		case !word.used && !stopWords[word.key] && !slices.Contains(word.tags, "link/on") && !slices.Contains(ignored, word.text):
			ignored = append(ignored, word.text)
		}
	}
	return used, ignored
}

// New makes the surface that a prompt asks for. A prompt without a material it knows gives
// an abstract pattern, in the colours asked for.
func New(prompt string, seed int64) *Surface {
	w := newWish(prompt)
	k := &kit{lattice: lattice{salt: 0}, Stream: vec.NewStream(seed, strings.ToLower(prompt)), size: 1}
	k.salt = k.Below(1 << 24)
	for _, c := range w.all("colour/") {
		n, err := strconv.ParseUint(c, 16, 32)
		if err != nil {
			panic(err) // the lexicon's own
		}
		ink := vec.Hex(uint32(n))
		k.inks = append(k.inks, ink)
	}
	if len(k.inks) > 0 {
		k.tint = &k.inks[0]
	}
	for _, s := range w.all("size/") {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			panic(err) // the lexicon's own
		}
		k.size *= f
	}
	s := compose(w, k)
	s.wear(w, k)
	s.Used, s.Ignored = w.sorted()
	return s
}

// compose chooses the pattern, its fill, and what lies on top.
func compose(w *wish, k *kit) *Surface {
	list, above := w.named(), w.all("over/")
	var pattern, base string
	var tops []string
	for _, name := range list {
		switch isPattern := layouts[name].make != nil; {
		case isPattern && pattern == "":
			pattern = name
		case !isPattern && base == "":
			base = name
		case !isPattern:
			tops = append(tops, name)
		}
	}
	tops = append(tops, above...)
	if base == "" && pattern == "" {
		base = "abstract"
		if len(tops) > 0 {
			base, tops = tops[0], tops[1:]
		}
	}
	s := &Surface{}
	switch {
	case pattern != "":
		p := recipes[pattern]
		fill, scene := p.fill, pattern
		if base != "" {
			fill, scene = base, pattern+" of "+base
		}
		s.At, s.Relief, s.Scene = p.make(k, recipes[fill].make(k, nil)), p.relief, scene
	default:
		s.At, s.Relief, s.Scene = recipes[base].make(k, nil), recipes[base].relief, base
	}
	for i, name := range tops {
		if i == 2 {
			break
		}
		plainKit := *k
		plainKit.tint, plainKit.inks, plainKit.salt = nil, nil, k.salt+5000*(i+1)
		s.cover(k, recipes[name], &plainKit, name)
	}
	return s
}
