package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"
)

// envPrefix begins the names of settings in the environment: --data is FLORIN_DATA.
const envPrefix = "FLORIN_"

// applySettings makes environment and file give the flags that the command line does
// not. A flag wins over the environment, which wins over the file. Unknown names are
// errors that tell the nearest known one.
func applySettings(parser *kong.Kong, args, environ []string) error {
	known := flagNames(parser.Model.Node)
	env, err := readEnv(environ, known)
	if err != nil {
		return err
	}
	file := configPath(args, env)
	values := map[string]any{}
	if file != "" {
		if values, err = readFile(file, known); err != nil {
			return err
		}
	}
	for name, v := range env {
		values[name] = v
	}
	return kong.Resolvers(kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		v, ok := values[flag.Name]
		if !ok {
			return nil, nil
		}
		return v, nil
	})).Apply(parser)
}

// flagNames lists every flag of every command.
func flagNames(n *kong.Node) []string {
	var names []string
	for _, f := range n.Flags {
		if f.Name != "help" {
			names = append(names, f.Name)
		}
	}
	for _, child := range n.Children {
		names = append(names, flagNames(child)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func readEnv(environ, known []string) (map[string]string, error) {
	values := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		rest, ok := strings.CutPrefix(name, envPrefix)
		if !ok {
			continue
		}
		flag := strings.ReplaceAll(strings.ToLower(rest), "_", "-")
		if !slices.Contains(known, flag) {
			near := strings.ToUpper(strings.ReplaceAll(nearest(flag, known), "-", "_"))
			return nil, fmt.Errorf("unknown setting %s in the environment; did you mean %s%s?", name, envPrefix, near)
		}
		values[flag] = value
	}
	return values, nil
}

// configPath finds the settings file, which must be known before the flags are parsed.
func configPath(args []string, env map[string]string) string {
	for i, a := range args {
		if v, ok := strings.CutPrefix(a, "--config="); ok {
			return v
		}
		if a == "--config" && i+1 < len(args) {
			return args[i+1]
		}
	}
	return env["config"]
}

func readFile(path string, known []string) (map[string]any, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("settings file %s: %w", path, plainCause(err))
	}
	keys := map[string]any{}
	if err := yaml.Unmarshal(raw, &keys); err != nil {
		return nil, fmt.Errorf("settings file %s: %s", path, strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	values := map[string]any{}
	for key, v := range keys {
		flag := strings.ReplaceAll(key, "_", "-")
		if !slices.Contains(known, flag) {
			return nil, fmt.Errorf("settings file %s: unknown setting %q; did you mean %q?", path, key, nearest(flag, known))
		}
		values[flag] = fmt.Sprint(v)
	}
	return values, nil
}

// plainCause takes the path off a file error, which the message around it names already.
func plainCause(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// nearestWord adds the nearest known command to a message about an unknown one.
func nearestWord(parser *kong.Kong, err error) error {
	var parse *kong.ParseError
	if !errors.As(err, &parse) || !strings.HasPrefix(err.Error(), "unexpected argument") || strings.Contains(err.Error(), "did you mean") {
		return err
	}
	word := strings.Fields(strings.TrimPrefix(err.Error(), "unexpected argument "))[0]
	node := parser.Model.Node
	if selected := parse.Context.Selected(); selected != nil {
		node = selected
	}
	var names []string
	for _, c := range node.Children {
		names = append(names, c.Name)
	}
	if len(names) == 0 {
		return err
	}
	return fmt.Errorf("%w; did you mean %q?", err, nearest(word, names))
}

// nearest gives the known name with the fewest edits to the given one.
func nearest(name string, known []string) string {
	best, fewest := "", 1<<30
	for _, k := range known {
		if d := edits(name, k); d < fewest {
			best, fewest = k, d
		}
	}
	return best
}

// edits counts the letters to insert, remove or replace between two words.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
