package picture

import (
	"math/bits"
	"slices"
)

// Sizes of the format's alphabets: green shares one with lengths.
const (
	lengthCodes   = 24
	distanceCodes = 40
	// longestCopy is the longest reference backwards, in pixels.
	longestCopy = 4096
	// farthestCopy bounds distances so that distance codes stay within 40.
	farthestCopy = 1<<20 - 121
	// shortestCopy is where a reference is surely cheaper than its pixels.
	shortestCopy = 4
	hashBits     = 16
)

// step is a pixel, or a reference backwards of some length.
type step struct {
	// value is the pixel, or the code of the distance.
	value uint32
	// length is 0 for a pixel.
	length uint16
}

// steps turns pixels into pixels and references, and hands them on one by one.
func steps(pix []uint32, w int, each func(step)) {
	heads := make([]int32, 1<<hashBits) // one more than the last place of a pair
	for i := 0; i < len(pix); {
		length, distance := 0, 0
		if i+1 < len(pix) {
			key := (pix[i]*0x9e3779b1 ^ pix[i+1]*0x85ebca6b) >> (32 - hashBits)
			for _, d := range [3]int{1, w, i + 1 - int(heads[key])} {
				if d <= i && d <= farthestCopy && d > 0 {
					if n := matching(pix, i, i-d); n > length {
						length, distance = n, d
					}
				}
			}
			heads[key] = int32(i + 1)
		}
		if length < shortestCopy {
			each(step{value: pix[i]})
			i++
			continue
		}
		each(step{distanceCode(distance, w), uint16(length)})
		i += length
	}
}

func matching(pix []uint32, at, from int) int {
	n, most := 0, min(longestCopy, len(pix)-at)
	for n < most && pix[at+n] == pix[from+n] {
		n++
	}
	return n
}

// distanceCode has short forms for one row up and one pixel left.
func distanceCode(d, w int) uint32 {
	switch d {
	case w:
		return 1
	case 1:
		return 2
	}
	return uint32(d) + 120
}

// split gives a length's or distance's symbol, and what is written after it.
func split(n uint32) (symbol int, extra uint32, count uint) {
	v := n - 1
	if v < 4 {
		return int(v), 0, 0
	}
	high := uint(bits.Len32(v)) - 1
	return int(2*high + uint(v>>(high-1)&1)), v & (1<<(high-1) - 1), high - 1
}

// writePixels writes the five codes and then the pixels of one picture.
func writePixels(out *bitWriter, pix []uint32, w int) {
	counts := [5][]int{
		make([]int, 256+lengthCodes), make([]int, 256), make([]int, 256), make([]int, 256), make([]int, distanceCodes),
	}
	steps(pix, w, func(s step) {
		if s.length > 0 {
			length, _, _ := split(uint32(s.length))
			distance, _, _ := split(s.value)
			counts[0][256+length]++
			counts[4][distance]++
			return
		}
		for i, shift := range channelShifts {
			counts[i][s.value>>shift&0xff]++
		}
	})
	var codes [5]prefixCode
	for i := range codes {
		codes[i] = newPrefixCode(counts[i], 15)
		codes[i].describe(out)
	}
	steps(pix, w, func(s step) {
		if s.length > 0 {
			symbol, extra, n := split(uint32(s.length))
			codes[0].write(out, 256+symbol)
			out.write(extra, n)
			symbol, extra, n = split(s.value)
			codes[4].write(out, symbol)
			out.write(extra, n)
			return
		}
		for i, shift := range channelShifts {
			codes[i].write(out, int(s.value>>shift&0xff))
		}
	})
}

// channelShifts are where green, red, blue and alpha lie in a pixel, in the codes' order.
var channelShifts = [4]uint{8, 16, 0, 24}

// prefixCode has each symbol's length in bits, and its code with the first bit lowest.
type prefixCode struct {
	lengths []uint8
	codes   []uint32
	// used are the symbols that occur, at most the first two of them.
	used []int
}

// newPrefixCode builds a code whose lengths are at most longest. Where they would be
// longer, rare symbols are counted as less rare until they fit.
func newPrefixCode(counts []int, longest uint8) prefixCode {
	p := prefixCode{lengths: make([]uint8, len(counts)), codes: make([]uint32, len(counts))}
	n := 0
	for s, c := range counts {
		if c > 0 {
			if n++; n <= 2 {
				p.used = append(p.used, s)
			}
		}
	}
	if n <= 1 {
		return p
	}
	for floor := 1; ; floor *= 2 {
		if huffmanLengths(counts, floor, p.lengths); slices.Max(p.lengths) <= longest {
			break
		}
	}
	p.assign()
	return p
}

// huffmanLengths merges the two lightest trees until one is left.
func huffmanLengths(counts []int, floor int, lengths []uint8) {
	type tree struct{ weight, symbol, left, right int }
	var trees []tree
	for s, c := range counts {
		if c > 0 {
			trees = append(trees, tree{max(c, floor), s, -1, -1})
		}
	}
	slices.SortStableFunc(trees, func(a, b tree) int { return a.weight - b.weight })
	leaves := len(trees)
	for leaf, joined := 0, leaves; len(trees) < 2*leaves-1; {
		lightest := func() int {
			if leaf < leaves && (joined >= len(trees) || trees[leaf].weight <= trees[joined].weight) {
				leaf++
				return leaf - 1
			}
			joined++
			return joined - 1
		}
		a := lightest()
		b := lightest()
		trees = append(trees, tree{trees[a].weight + trees[b].weight, -1, a, b})
	}
	depths := make([]uint8, len(trees))
	for i := len(trees) - 1; i >= 0; i-- {
		if t := trees[i]; t.symbol < 0 {
			depths[t.left], depths[t.right] = depths[i]+1, depths[i]+1
		} else {
			lengths[t.symbol] = depths[i]
		}
	}
}

// assign gives the codes of a canonical prefix code.
func (p prefixCode) assign() {
	next := uint32(0)
	for length := uint8(1); length <= 15; length++ {
		for s, l := range p.lengths {
			if l == length {
				p.codes[s] = bits.Reverse32(next) >> (32 - length)
				next++
			}
		}
		next <<= 1
	}
}

func (p prefixCode) write(out *bitWriter, symbol int) {
	out.write(p.codes[symbol], uint(p.lengths[symbol]))
}

// describe writes the code's lengths. A code of no or one symbol takes no bits later.
func (p prefixCode) describe(out *bitWriter) {
	if slices.Max(p.lengths) == 0 {
		symbol := 0
		if len(p.used) > 0 {
			symbol = p.used[0]
		}
		out.write(0b101, 3) // simple, one symbol, of eight bits
		out.write(uint32(symbol), 8)
		return
	}
	out.write(0, 1)
	runs := zeroRuns(p.lengths)
	counts := make([]int, 19)
	for _, r := range runs {
		counts[r.symbol]++
	}
	lengths := newPrefixCode(counts, 7)
	if len(lengths.used) == 1 {
		lengths.lengths[lengths.used[0]] = 1 // takes no bits, but must be named
	}
	out.write(19-4, 4)
	for _, s := range [19]int{17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15} {
		out.write(uint32(lengths.lengths[s]), 3)
	}
	out.write(0, 1) // all symbols are described
	for _, r := range runs {
		if len(lengths.used) > 1 {
			lengths.write(out, r.symbol)
		}
		out.write(r.extra, r.count)
	}
}

// run is a length, or with symbol 17 or 18 several zeros.
type run struct {
	symbol int
	extra  uint32
	count  uint
}

func zeroRuns(lengths []uint8) []run {
	var runs []run
	for i := 0; i < len(lengths); {
		n := 0
		for i+n < len(lengths) && lengths[i+n] == 0 && n < 138 {
			n++
		}
		switch {
		case n >= 11:
			runs = append(runs, run{18, uint32(n - 11), 7})
		case n >= 3:
			runs = append(runs, run{17, uint32(n - 3), 3})
		default:
			n = 1
			runs = append(runs, run{symbol: int(lengths[i])})
		}
		i += n
	}
	return runs
}
