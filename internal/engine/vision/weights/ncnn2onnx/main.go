// Command ncnn2onnx turns a small upscaling network from ncnn's files into one ONNX file.
//
//	go run ./internal/engine/vision/weights/ncnn2onnx NETWORK.param NETWORK.bin OUT.onnx
//
// It promises the same bytes for the same input, and weights that stay the 16-bit floats
// they are. It knows the operators that these networks have and refuses any other.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: ncnn2onnx NETWORK.param NETWORK.bin OUT.onnx")
		os.Exit(2)
	}
	if err := convertFiles(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "ncnn2onnx:", err)
		os.Exit(1)
	}
}

func convertFiles(param, bin, out string) error {
	text, err := os.ReadFile(param)
	if err != nil {
		return err
	}
	weights, err := os.ReadFile(bin)
	if err != nil {
		return err
	}
	network, err := convert(text, weights)
	if err != nil {
		return fmt.Errorf("%s: %w", param, err)
	}
	return os.WriteFile(out, network, 0o644)
}
