package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/engine/vision/ort"
	"github.com/florin-studio/florin/internal/models"
)

// tiny is a network with every operator that is known: 3 channels to 12, slopes, a
// shuffle by 2, plus the input repeated.
const tiny = `7767517
6 7
Input        in      0 1 data
Split        split   1 2 data a b
Convolution  conv    1 1 a c 0=12 1=3 4=1 5=1 6=324
PReLU        relu    1 1 c d 0=12
PixelShuffle shuffle 1 1 d e 0=2
Interp       repeat  1 1 b f 0=1 1=2.000000e+00 2=2.000000e+00
BinaryOp     add     2 1 e f output
`

// tinyNetwork gives the files of tiny. Weights and slopes are numbers that 16 bits hold exactly.
func tinyNetwork() (param, bin []byte, kernel [12][3][3][3]float32, bias, slope [12]float32) {
	bin = binary.LittleEndian.AppendUint32(nil, halfTag)
	for o := range 12 {
		for i := range 27 {
			v := float32((o*7+i*5)%17-8) / 16
			kernel[o][i/9][i/3%3][i%3] = v
			bin = binary.LittleEndian.AppendUint16(bin, half(v))
		}
	}
	for o := range 12 {
		bias[o] = float32(o) / 8
		bin = append(bin, floatBytes(bias[o])...)
	}
	for o := range 12 {
		slope[o] = float32(o-6) / 4
		bin = append(bin, floatBytes(slope[o])...)
	}
	return []byte(strings.Replace(tiny, "6 7", "7 8", 1)), bin, kernel, bias, slope
}

// half makes a 16-bit float of a number that fits exactly.
func half(v float32) uint16 {
	if v == 0 {
		return 0
	}
	b := math.Float32bits(v)
	return uint16(b>>16&0x8000) | uint16((b>>23&0xff)-112)<<10 | uint16(b>>13&0x3ff)
}

// reference computes tiny in plain loops.
func reference(in []float32, w, h int) []float32 {
	_, _, kernel, bias, slope := tinyNetwork()
	out := make([]float32, 3*4*w*h)
	for o := range 12 {
		for y := range h {
			for x := range w {
				sum := bias[o]
				for c := range 3 {
					for k := range 9 {
						if yy, xx := y+k/3-1, x+k%3-1; yy >= 0 && yy < h && xx >= 0 && xx < w {
							sum += kernel[o][c][k/3][k%3] * in[(c*h+yy)*w+xx]
						}
					}
				}
				if sum < 0 {
					sum *= slope[o]
				}
				ch, dy, dx := o/4, o%4/2, o%2
				out[(ch*2*h+2*y+dy)*2*w+2*x+dx] = sum + in[(ch*h+y)*w+x]
			}
		}
	}
	return out
}

func TestConversionIsReproducible(t *testing.T) {
	t.Parallel()
	param, bin, _, _, _ := tinyNetwork()
	first, err := convert(param, bin)
	if err != nil {
		t.Fatal(err)
	}
	second, err := convert(param, bin)
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("two conversions differ: %v", err)
	}
	for _, part := range []string{"Conv", "PRelu", "DepthToSpace", "CRD", "Resize", "Add", "conv_kernel_half", "input", "output"} {
		if !bytes.Contains(first, []byte(part)) {
			t.Errorf("no %s in the file", part)
		}
	}
}

// The runtime computes of the converted file what the network means.
func TestConvertedNetworkComputesTheSame(t *testing.T) {
	t.Parallel()
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		cache = filepath.Join(os.Getenv("HOME"), ".cache")
	}
	folder := os.Getenv("TEST_MODELS")
	if folder == "" {
		folder = filepath.Join(cache, "florin-models")
	}
	library, err := models.Store{Dir: folder}.Open(models.Runtime)
	if err != nil {
		how := fmt.Sprintf("ONNX Runtime is not in %s: run scripts/models to get it (%v)", folder, err)
		if os.Getenv("CI") != "" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	l, err := ort.Open(library)
	if err != nil {
		t.Fatal(err)
	}
	param, bin, _, _, _ := tinyNetwork()
	network, err := convert(param, bin)
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.LoadBytes(network, "input", "output", ort.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const w, h = 5, 4
	in := ort.Tensor{Shape: []int64{1, 3, h, w}, Data: make([]float32, 3*w*h)}
	for i := range in.Data {
		in.Data[i] = float32(i*i%23)/23 - 0.3
	}
	got, err := s.Run(in)
	if err != nil {
		t.Fatal(err)
	}
	want := reference(in.Data, w, h)
	if fmt.Sprint(got.Shape) != fmt.Sprint([]int64{1, 3, 2 * h, 2 * w}) {
		t.Fatalf("shape %v", got.Shape)
	}
	for i, v := range got.Data {
		if math.Abs(float64(v-want[i])) > 1e-5 {
			t.Fatalf("value %d is %v, want %v", i, v, want[i])
		}
	}
	if _, err := s.Run(ort.Tensor{Shape: []int64{1, 2, h, w}, Data: make([]float32, 2*w*h)}); err == nil {
		t.Error("a tensor of another shape was taken")
	}
	if _, err := s.Run(ort.Tensor{Shape: []int64{1, 3, h, w}, Data: make([]float32, 7)}); err == nil {
		t.Error("a tensor with too little data was taken")
	}
	if _, err := l.LoadBytes([]byte("not a network"), "input", "output", ort.Options{}); err == nil {
		t.Error("nonsense was loaded")
	}
}

func TestWhatIsNotKnownIsRefused(t *testing.T) {
	t.Parallel()
	param, bin, _, _, _ := tinyNetwork()
	for name, c := range map[string]struct {
		old, new string
		bin      []byte
	}{
		"another operator":     {"PReLU  ", "Sigmoid", bin},
		"another kernel":       {"1=3 4=1", "1=5 4=1", bin},
		"a smooth resize":      {"0=1 1=2.0", "0=2 1=2.0", bin},
		"a multiplication":     {"e f output", "e f output 0=2", bin},
		"a missing input":      {"1 1 c d", "1 1 nowhere d", bin},
		"a wrong count":        {"7 8", "9 8", bin},
		"no magic":             {"7767517", "1234567", bin},
		"too few weights":      {"", "", bin[:len(bin)-4]},
		"too many weights":     {"", "", append(bytes.Clone(bin), 0)},
		"32-bit weights":       {"", "", append([]byte{0, 0, 0, 0}, bin[4:]...)},
		"counts beyond a line": {"BinaryOp     add     2 1", "BinaryOp     add     9 1", bin},
	} {
		if _, err := convert([]byte(strings.Replace(string(param), c.old, c.new, 1)), c.bin); err == nil {
			t.Errorf("%s was converted", name)
		}
	}
}
