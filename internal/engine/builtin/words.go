package builtin

import "strings"

// stopWords carry no picture of their own; they are neither used nor ignored.
var stopWords = set(`a an the of with and or in on at to by from for into over under above below behind beside
	near between through across along around is are was be it its this that these those as there where which some
	very really please picture image photo photograph painting drawing render rendering artwork art illustration
	wallpaper make create draw paint show me my i want full view wide scene scenery one two three several many few lots
	style background foreground like just no not without but so while during up down out off within beneath upon
	tone tones air wall before after late its
	high quality detailed highly resolution 4k 8k hd uhd best masterpiece beautiful stunning amazing gorgeous nice`)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// word is one word of a prompt, as written and as looked up.
type word struct {
	text string
	key  string
}

// split takes a prompt apart. Two or three words that mean something together ("northern
// lights") become one.
func split(prompt string) []word {
	var words []word
	for _, field := range strings.FieldsFunc(prompt, separator) {
		field = strings.Trim(field, "'’-_")
		if field == "" {
			continue
		}
		w := word{field, strings.ToLower(field)}
		if n := len(words); n > 0 && len(lexicon[words[n-1].key+" "+w.key]) > 0 {
			words[n-1] = word{words[n-1].text + " " + w.text, words[n-1].key + " " + w.key}
			continue
		}
		if n := len(words); n > 1 && len(lexicon[words[n-2].key+" "+words[n-1].key+" "+w.key]) > 0 {
			words[n-2].text += " " + words[n-1].text + " " + w.text
			words[n-2].key += " " + words[n-1].key + " " + w.key
			words = words[:n-1]
			continue
		}
		words = append(words, w)
	}
	return words
}

func separator(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '\'', r == '’', r == '_', r == '-', r > 127:
		return r == '，' || r == '、' || r == '。' || r == '…' || r == '–' || r == '—' || r == '“' || r == '”'
	}
	return true
}

// tags finds a word in the lexicon, as written or without a common ending.
func tags(key string) []string {
	for _, k := range forms(key) {
		if t := lexicon[k]; len(t) > 0 {
			return t
		}
	}
	return nil
}

func forms(key string) []string {
	list := []string{key}
	for _, c := range [...][2]string{{"ies", "y"}, {"es", ""}, {"s", ""}, {"ing", ""}, {"ing", "e"}, {"ed", ""}, {"ed", "e"}, {"y", ""}, {"ny", ""}, {"gy", ""}, {"ish", ""}, {"'s", ""}} {
		if stem, ok := strings.CutSuffix(key, c[0]); ok && len(stem) > 2 {
			list = append(list, stem+c[1])
		}
	}
	if strings.Contains(key, "-") {
		list = append(list, strings.ReplaceAll(key, "-", " "), strings.ReplaceAll(key, "-", ""))
	}
	return list
}
