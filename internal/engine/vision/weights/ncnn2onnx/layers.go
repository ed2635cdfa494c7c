package main

import (
	"fmt"
	"strconv"
)

// blob is a tensor between layers: its name in the ONNX graph and its channels.
type blob struct {
	name     string
	channels int
}

// converter walks through the layers.
type converter struct {
	graph   graph
	weights weights
	blobs   map[string]blob
}

// layer converts one; the output of the last is the network's.
func (c *converter) layer(l layer, last bool) error {
	var in []blob
	for _, name := range l.inputs {
		b, ok := c.blobs[name]
		if !ok {
			return fmt.Errorf("layer %s: nothing makes its input %q", l.name, name)
		}
		in = append(in, b)
	}
	if l.kind == "Input" {
		if len(l.outputs) != 1 {
			return fmt.Errorf("layer %s: an input has one output", l.name)
		}
		c.blobs[l.outputs[0]] = blob{"input", 3}
		return nil
	}
	if l.kind == "Split" && len(in) == 1 {
		for _, name := range l.outputs {
			c.blobs[name] = in[0]
		}
		return nil
	}
	steps := map[string]struct {
		inputs int
		do     func(l layer, in []blob, out string) (channels int, err error)
	}{
		"Convolution": {1, c.convolution}, "PReLU": {1, c.prelu}, "PixelShuffle": {1, c.pixelShuffle},
		"Interp": {1, c.interp}, "BinaryOp": {2, c.add},
	}
	step, ok := steps[l.kind]
	if !ok || len(in) != step.inputs || len(l.outputs) != 1 {
		return fmt.Errorf("layer %s: %s with %d inputs and %d outputs is not known here", l.name, l.kind, len(in), len(l.outputs))
	}
	out := l.name
	if last {
		out = "output"
	}
	channels, err := step.do(l, in, out)
	if err == nil && last && channels != 3 {
		err = fmt.Errorf("layer %s: the network ends with %d channels, not 3", l.name, channels)
	}
	c.blobs[l.outputs[0]] = blob{out, channels}
	return err
}

// convolution: 3×3, one pixel of padding, with bias.
func (c *converter) convolution(l layer, in []blob, out string) (int, error) {
	if err := l.must(map[int]int{1: 3, 4: 1, 5: 1}, 0); err != nil {
		return 0, err
	}
	if err := l.must(map[int]int{2: 1, 3: 1}, 1); err != nil {
		return 0, err
	}
	channels, err := l.number(0, 0)
	if err != nil {
		return 0, err
	}
	if err := l.must(map[int]int{6: channels * in[0].channels * 9}, 0); err != nil {
		return 0, err
	}
	kernel, err := c.weights.halves(channels * in[0].channels * 9)
	if err != nil {
		return 0, fmt.Errorf("layer %s: %w", l.name, err)
	}
	bias, err := c.weights.floats(channels)
	if err != nil {
		return 0, fmt.Errorf("layer %s: %w", l.name, err)
	}
	w := c.graph.half(l.name+"_kernel", []int{channels, in[0].channels, 3, 3}, kernel)
	c.graph.tensor(l.name+"_bias", float32Kind, []int{channels}, bias)
	c.graph.node("Conv", []string{in[0].name, w, l.name + "_bias"}, out, wholes("kernel_shape", 3, 3), wholes("pads", 1, 1, 1, 1))
	return channels, nil
}

// prelu: one slope for each channel.
func (c *converter) prelu(l layer, in []blob, out string) (int, error) {
	channels := in[0].channels
	if err := l.must(map[int]int{0: channels}, 0); err != nil {
		return 0, err
	}
	slopes, err := c.weights.floats(channels)
	if err != nil {
		return 0, fmt.Errorf("layer %s: %w", l.name, err)
	}
	c.graph.tensor(l.name+"_slope", float32Kind, []int{channels, 1, 1}, slopes)
	c.graph.node("PRelu", []string{in[0].name, l.name + "_slope"}, out)
	return channels, nil
}

// pixelShuffle moves channels into space; ONNX calls this order CRD.
func (c *converter) pixelShuffle(l layer, in []blob, out string) (int, error) {
	scale, err := l.number(0, 1)
	if err != nil {
		return 0, err
	}
	if scale < 1 || in[0].channels%(scale*scale) != 0 {
		return 0, fmt.Errorf("layer %s: %d channels can't be spread over %d×%d", l.name, in[0].channels, scale, scale)
	}
	c.graph.node("DepthToSpace", []string{in[0].name}, out, whole("blocksize", scale), word("mode", "CRD"))
	return in[0].channels / (scale * scale), nil
}

// interp: repeats pixels. (ncnn's other ways to resize are done outside of the network.)
func (c *converter) interp(l layer, in []blob, out string) (int, error) {
	if err := l.must(map[int]int{0: 1}, 0); err != nil {
		return 0, err
	}
	var scales [2]float32
	for i := range scales {
		v, err := strconv.ParseFloat(l.settings[i+1], 32)
		if err != nil || v < 1 || v != float64(int(v)) {
			return 0, fmt.Errorf("layer %s: scale %q is not a whole number", l.name, l.settings[i+1])
		}
		scales[i] = float32(v)
	}
	c.graph.tensor(l.name+"_scales", float32Kind, []int{4}, floatBytes(1, 1, scales[0], scales[1]))
	c.graph.node("Resize", []string{in[0].name, "", l.name + "_scales"}, out,
		word("coordinate_transformation_mode", "asymmetric"), word("mode", "nearest"), word("nearest_mode", "floor"))
	return in[0].channels, nil
}

// add: the only binary operation of these networks.
func (c *converter) add(l layer, in []blob, out string) (int, error) {
	if err := l.must(map[int]int{0: 0, 1: 0}, 0); err != nil {
		return 0, err
	}
	if in[0].channels != in[1].channels {
		return 0, fmt.Errorf("layer %s: %d and %d channels can't be added", l.name, in[0].channels, in[1].channels)
	}
	c.graph.node("Add", []string{in[0].name, in[1].name}, out)
	return in[0].channels, nil
}
