package scenario_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/catalog/scenario"
)

// shipped reads the scenarios that come with Florin.
func shipped(t *testing.T) []scenario.Scenario {
	t.Helper()
	files, err := filepath.Glob("../testdata/scenarios/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	var all []scenario.Scenario
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		some, err := scenario.Parse(filepath.Base(file), text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, some...)
	}
	return all
}

func TestShippedScenarios(t *testing.T) {
	t.Parallel()
	for _, s := range shipped(t) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			if result := scenario.Run(catalog.Default(), s); !result.OK() {
				var text bytes.Buffer
				if err := result.Write(&text); err != nil {
					t.Fatal(err)
				}
				t.Error("\n" + text.String())
			}
		})
	}
}

// TestRulesAreCovered wants a scenario for each of the rules T1 to T29: its name begins
// with the rule's number.
func TestRulesAreCovered(t *testing.T) {
	t.Parallel()
	number := regexp.MustCompile(`^([TP]\d+) \S`)
	covered := map[string]int{}
	names := map[string]bool{}
	for _, s := range shipped(t) {
		found := number.FindStringSubmatch(s.Name)
		if found == nil {
			t.Errorf("%s:%d: %q does not begin with a rule's number", s.File, s.Line, s.Name)
			continue
		}
		covered[found[1]]++
		if names[s.Name] {
			t.Errorf("%s:%d: two scenarios are named %q", s.File, s.Line, s.Name)
		}
		names[s.Name] = true
	}
	var missing []string
	for i := 1; i <= 29; i++ {
		if rule := fmt.Sprintf("T%d", i); covered[rule] == 0 {
			missing = append(missing, rule)
		}
	}
	if len(missing) > 0 {
		t.Errorf("no scenario shows %s", strings.Join(missing, ", "))
	}
}
