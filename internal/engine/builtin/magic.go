package builtin

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How many phrases Prompt Magic adds, by version.
var magicPhrases = map[string]int{"v2": 2, "v3": 6}

// magic rewrites a prompt with concrete words that the painter draws: the time of day,
// the weather, things, materials, a mood, the camera. What was asked for stays, and comes
// first. The same prompt, version and seed give the same prompt.
func magic(prompt, negative, version string, seed int64) string {
	return spiced(prompt, negative, magicPhrases[version], newRng(seed, "prompt magic "+version, strings.ToLower(prompt)))
}

// spiced adds up to count phrases that suit the prompt's family and don't contradict it.
func spiced(prompt, negative string, count int, r *rng) string {
	prompt = strings.TrimRight(strings.TrimSpace(prompt), ",.;: ")
	w := newWish(prompt, negative, int64(r.next()>>1))
	id := chooseFamily(w)
	if named := newWish(prompt, negative, 0); !named.namesFamily(id) {
		prompt = joined(prompt, pick(r, motifs[id]...), negative, id)
	}
	kinds := slices.Clone(spices[id])
	if len(kinds) > count {
		// The first kind says most; the others take turns.
		rest := kinds[1:]
		shuffle(r, rest)
	}
	added := 0
	for _, s := range kinds {
		if added == count {
			break
		}
		phrase := pick(r, s.phrases...)
		now := newWish(prompt, negative, 0)
		if now.touches(s.kind) || now.contradicts(phrase) {
			continue
		}
		if longer := joined(prompt, phrase, negative, id); longer != prompt {
			prompt = longer
			added++
		}
	}
	return prompt
}

// longestPrompt bounds a rewritten prompt, in characters; it is that of requests.
const longestPrompt = 1500

// joined adds a phrase unless the prompt would become too long or name another family.
func joined(prompt, phrase, negative, id string) string {
	longer := phrase
	if prompt != "" {
		longer = prompt + ", " + phrase
	}
	if utf8.RuneCountInString(longer) > longestPrompt || chooseFamily(newWish(longer, negative, 0)) != id {
		return prompt
	}
	return longer
}

// namesFamily tells whether a word of the prompt leads to a family.
func (w *wish) namesFamily(id string) bool {
	return w.tagged("form/"+id) || w.tagged("scene/"+id) || w.tagged("hint/"+id)
}

// touches tells whether a word has a tag that begins so, wanted or unwanted.
func (w *wish) touches(prefix string) bool {
	begins := func(tag string) bool { return strings.HasPrefix(tag, prefix) }
	for tag := range w.avoided {
		if begins(tag) && prefix == tag {
			return true
		}
	}
	return slices.ContainsFunc(w.meant, func(meant []string) bool { return slices.ContainsFunc(meant, begins) })
}

// contradicts tells whether a phrase has words that are not wanted.
func (w *wish) contradicts(phrase string) bool {
	for _, word := range split(phrase) {
		for _, tag := range tags(word.key) {
			if w.avoided[tag] && telling(tag) {
				return true
			}
		}
	}
	return false
}

// telling tells whether a tag says something of the picture, not just of its family.
func telling(tag string) bool { return !strings.HasPrefix(tag, "hint/") }

// exclusive are the kinds of which a prompt has only one: what instructions say of them
// replaces what the prompt said.
var exclusive = []string{"hour/", "weather/", "season/", "camera/", "style/"}

// improve does what the instructions say as far as the painter knows the words, then adds
// what suits.
func improve(prompt, instructions string, seed int64) (string, error) {
	prompt = strings.TrimSpace(prompt)
	if prompt == "" {
		return "", refused("prompt is empty, it needs at least one word to improve; a random prompt needs none")
	}
	r := newRng(seed, "improve", strings.ToLower(prompt), strings.ToLower(instructions))
	for _, phrase := range wished(instructions) {
		for _, kind := range exclusive {
			if phrase.denied || !slices.ContainsFunc(phrase.tags, func(tag string) bool { return strings.HasPrefix(tag, kind) }) {
				continue
			}
			prompt = without(prompt, func(tag string) bool { return strings.HasPrefix(tag, kind) })
		}
		text := phrase.text
		if phrase.denied {
			prompt = without(prompt, func(tag string) bool { return telling(tag) && slices.Contains(phrase.tags, tag) })
			text = "no " + text
		}
		if longer := strings.TrimLeft(prompt+", "+text, ", "); utf8.RuneCountInString(longer) <= longestPrompt {
			prompt = longer
		}
	}
	return spiced(prompt, "", 4, r), nil
}

type instruction struct {
	text   string
	tags   []string
	denied bool
}

// wished takes the words the painter knows out of instructions, each with the word
// "no" before it if it is not wanted.
func wished(instructions string) []instruction {
	var list []instruction
	denied := false
	for _, word := range split(instructions) {
		switch word.key {
		case "no", "without", "remove", "drop", "not", "less":
			denied = true
			continue
		}
		if t := tags(word.key); len(t) > 0 && !stopWords[word.key] {
			list = append(list, instruction{word.key, t, denied})
			denied = false
		} else if !stopWords[word.key] {
			denied = false
		}
	}
	return list
}

// without takes the words of certain tags out of a prompt, with what then dangles.
func without(prompt string, unwanted func(tag string) bool) string {
	for _, word := range split(prompt) {
		if stopWords[word.key] || !slices.ContainsFunc(tags(word.key), unwanted) {
			continue
		}
		// A word that says more than that, such as the scene itself, stays.
		if slices.ContainsFunc(tags(word.key), func(tag string) bool {
			return strings.HasPrefix(tag, "scene/") || strings.HasPrefix(tag, "form/")
		}) {
			continue
		}
		prompt = cutWord(prompt, word.text)
	}
	return prompt
}

// little are words that don't stand at a phrase's end.
var little = set("a an the of with and or in on at to by from for into over under near between through during")

// cutWord removes a word and the little words that led to it.
func cutWord(prompt, word string) string {
	var phrases []string
	for _, phrase := range strings.Split(prompt, ",") {
		at := strings.Index(phrase, word)
		edge := func(i int) bool {
			if i < 0 || i >= len(phrase) {
				return true
			}
			c := rune(phrase[i])
			return !unicode.IsLetter(c) && !unicode.IsDigit(c)
		}
		if at >= 0 && edge(at-1) && edge(at+len(word)) {
			before := strings.Fields(phrase[:at])
			for len(before) > 0 && little[strings.ToLower(before[len(before)-1])] {
				before = before[:len(before)-1]
			}
			phrase = strings.Join(before, " ") + phrase[at+len(word):]
			word = "\x00" // once
		}
		if phrase = strings.TrimSpace(phrase); phrase != "" {
			phrases = append(phrases, phrase)
		}
	}
	return strings.Join(phrases, ", ")
}

// randomPrompt is a prompt of the painter's own words.
func randomPrompt(seed int64) string {
	r := newRng(seed, "random prompt")
	id := families[r.below(len(families))].id
	prompt := spiced(pick(r, motifs[id]...), "", 2+r.below(3), r)
	if r.chance(0.3) {
		prompt += ", " + pick(r, looks...)
	}
	return prompt
}
