package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// layer is one line of a .param file: an operator with its blobs and settings.
type layer struct {
	kind, name      string
	inputs, outputs []string
	settings        map[int]string
}

// number reads a whole-numbered setting, or takes its default.
func (l layer) number(key, otherwise int) (int, error) {
	text, ok := l.settings[key]
	if !ok {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("layer %s: setting %d is %q, not a whole number", l.name, key, text)
	}
	return n, nil
}

// must reads settings that have to have these values: the only ones that convert.
func (l layer) must(want map[int]int, otherwise int) error {
	for key, value := range want {
		got, err := l.number(key, otherwise)
		if err != nil {
			return err
		}
		if got != value {
			return fmt.Errorf("layer %s (%s): setting %d is %d; only %d is known", l.name, l.kind, key, got, value)
		}
	}
	return nil
}

// paramMagic begins every .param file.
const paramMagic = "7767517"

// parseParam reads a .param file.
func parseParam(text string) ([]layer, error) {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) < 3 || strings.TrimSpace(lines[0]) != paramMagic {
		return nil, errors.New("not a .param file: it does not begin with " + paramMagic)
	}
	var layers []layer
	for i, line := range lines[2:] {
		l, err := parseLayer(strings.Fields(line))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+3, err)
		}
		layers = append(layers, l)
	}
	if want := strings.Fields(lines[1]); len(want) != 2 || want[0] != strconv.Itoa(len(layers)) {
		return nil, fmt.Errorf("line 2: %q, and there are %d layers", lines[1], len(layers))
	}
	return layers, nil
}

// parseLayer reads one line: kind, name, two counts, blobs, settings.
func parseLayer(words []string) (layer, error) {
	if len(words) < 4 {
		return layer{}, errors.New("a layer has a kind, a name and two counts")
	}
	in, errIn := strconv.Atoi(words[2])
	out, errOut := strconv.Atoi(words[3])
	if errIn != nil || errOut != nil || in < 0 || out < 0 || len(words) < 4+in+out {
		return layer{}, fmt.Errorf("layer %s: %q inputs and %q outputs do not fit the line", words[1], words[2], words[3])
	}
	l := layer{kind: words[0], name: words[1], settings: map[int]string{}}
	l.inputs, l.outputs = words[4:4+in], words[4+in:4+in+out]
	for _, pair := range words[4+in+out:] {
		key, value, ok := strings.Cut(pair, "=")
		n, err := strconv.Atoi(key)
		if !ok || err != nil {
			return layer{}, fmt.Errorf("layer %s: %q is not a setting", l.name, pair)
		}
		l.settings[n] = value
	}
	return l, nil
}

// halfTag marks weights that are stored as 16-bit floats.
const halfTag = 0x01306b47

// weights reads a .bin file from front to back.
type weights struct{ rest []byte }

// take gives the next n bytes.
func (w *weights) take(n int) ([]byte, error) {
	if n < 0 || n > len(w.rest) {
		return nil, fmt.Errorf("the weights end too early: %d bytes wanted, %d left", n, len(w.rest))
	}
	b := w.rest[:n]
	w.rest = w.rest[n:]
	return b, nil
}

// halves reads tagged 16-bit floats, which are padded to whole words.
func (w *weights) halves(n int) ([]byte, error) {
	tag, err := w.take(4)
	if err != nil {
		return nil, err
	}
	if t := binary.LittleEndian.Uint32(tag); t != halfTag {
		return nil, fmt.Errorf("weights have the tag %#x; only 16-bit floats (%#x) are known", t, halfTag)
	}
	b, err := w.take((2*n + 3) / 4 * 4)
	if err != nil {
		return nil, err
	}
	return b[:2*n], nil
}

// floats reads untagged 32-bit floats.
func (w *weights) floats(n int) ([]byte, error) { return w.take(4 * n) }
