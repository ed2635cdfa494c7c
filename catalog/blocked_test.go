package catalog

import (
	"strings"
	"testing"
)

func TestBlocked(t *testing.T) {
	t.Parallel()
	yaml := strings.Replace(string(DefaultYAML()), "blocked_words: []", `blocked_words: ["Gore", "evil twin"]`, 1)
	c, err := Load("blocked.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"": "", "a lake": "", "gore": "Gore", "much GORE!": "Gore", "gorean": "", "the evil\n twin,": "evil twin", "evil and twin": "", "Gore-tex": "Gore",
	} {
		word, found := c.Blocked(text)
		if word != want || found != (want != "") {
			t.Errorf("%q: %q, %v; want %q", text, word, found, want)
		}
	}
	if word, found := Default().Blocked("gore"); found {
		t.Errorf("the default catalog blocks %q", word)
	}
}
