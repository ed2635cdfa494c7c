package house

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	releaseLine  = regexp.MustCompile(`^## \d+\.\d+\.\d+ \(\d{4}-\d{2}-\d{2}\)$`)
	sentenceLine = regexp.MustCompile("^(\\p{Lu}|`).*[.!?]$")
)

// changelogFindings lists where the text leaves its form: "# Changelog", then
// "## Unreleased" first, then releases with their day, each a list of whole sentences.
func changelogFindings(text string) []string {
	var found []string
	bad := func(line int, why string) { found = append(found, fmt.Sprintf("CHANGELOG.md:%d: %s", line, why)) }
	if !strings.HasPrefix(text, "# Changelog\n") {
		bad(1, "begins with another line than # Changelog")
	}
	sections, item, start := 0, "", 0
	flush := func() {
		if item != "" && !sentenceLine.MatchString(item) {
			bad(start, fmt.Sprintf("%.50q is no whole sentence: begin with a capital, end with a full stop", item))
		}
		item = ""
	}
	for i, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "## "):
			flush()
			sections++
			if sections == 1 && line != "## Unreleased" {
				bad(i+1, "the first section is not ## Unreleased")
			}
			if sections > 1 && !releaseLine.MatchString(line) {
				bad(i+1, fmt.Sprintf("%q is no release: write ## 1.2.3 (2026-01-31)", line))
			}
		case strings.HasPrefix(line, "- "):
			flush()
			item, start = line[2:], i+1
		case strings.HasPrefix(line, "  ") && item != "":
			item += " " + strings.TrimSpace(line)
		default:
			flush()
		}
	}
	flush()
	if sections == 0 {
		bad(1, "has no section ## Unreleased")
	}
	return found
}

func TestChangelog(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	report(t, changelogFindings(string(text)))
}

func TestChangelogFindsBreaches(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"# Changelog\n\n## Unreleased\n\n- One thing\n  over two lines.\n\n## 1.0.0 (2026-01-31)\n\n- `make` helps.\n": 0,
		"# Changes\n\n## Unreleased\n":             1,
		"# Changelog\n":                            1,
		"# Changelog\n\n## 1.0.0 (2026-01-31)\n":   1,
		"# Changelog\n\n## Unreleased\n\n- fix\n":  1,
		"# Changelog\n\n## Unreleased\n\n## 1.0\n": 1,
	} {
		if got := changelogFindings(text); len(got) != want {
			t.Errorf("%q: found %q, want %d", text, got, want)
		}
	}
}
