// Package weights holds the small upscaling networks that come with Florin.
//
// It promises the two networks of the Real-ESRGAN project that NOTICE names, unchanged
// but for their file format (ncnn2onnx made it), as ONNX files. They enlarge a picture
// four times. Package vision runs them.
package weights

import _ "embed"

// General enlarges photographs: realesr-general-x4v3.
//
//go:embed realesr-general-x4v3.onnx
var General []byte

// Animation enlarges drawings and paintings: realesr-animevideov3.
//
//go:embed realesr-animevideov3.onnx
var Animation []byte

// Notice is the licence under which the networks are passed on.
//
//go:embed NOTICE
var Notice string

// Scale is how many times larger the networks' output is, on each side.
const Scale = 4

// Input and Output are the names of the networks' tensors: one picture of three channels
// in RGB order, 0 to 1.
const (
	Input  = "input"
	Output = "output"
)
