package picture

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/binary"
	"io"
	"math/bits"
	"runtime"
	"testing"
)

// blackPNG is a PNG whose bytes are all zero, made without ever holding it.
func blackPNG(w, h int, depth, colour byte, interlaced bool) []byte {
	samples := map[byte]int{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
	rows := func(w, h int) int64 {
		if w < 1 || h < 1 {
			return 0
		}
		return int64(h) * int64(1+(w*samples*int(depth)+7)/8)
	}
	size := rows(w, h)
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(w)), uint32(h))
	head = append(head, depth, colour, 0, 0, 0)
	if interlaced {
		head[12], size = 1, 0
		for _, pass := range [7][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}} {
			size += rows((w-pass[0]+pass[2]-1)/pass[2], (h-pass[1]+pass[3]-1)/pass[3])
		}
	}
	var packed, out bytes.Buffer
	z, _ := zlib.NewWriterLevel(&packed, flate.BestSpeed)
	_, _ = io.CopyN(z, zeros{}, size)
	_ = z.Close()
	out.Write(pngSignature)
	writeChunk(&out, "IHDR", string(head))
	if colour == 3 {
		writeChunk(&out, "PLTE", "\x00\x00\x00\xff\xff\xff")
	}
	writeChunk(&out, "IDAT", packed.String())
	writeChunk(&out, "IEND", "")
	return out.Bytes()
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// greyJPEG is a JPEG of so many components of full size, whose blocks each take two bits.
func greyJPEG(w, h, parts int, progressive bool) []byte {
	segment := func(out []byte, marker byte, body ...byte) []byte {
		out = append(out, 0xff, marker, byte((len(body)+2)>>8), byte(len(body)+2))
		return append(out, body...)
	}
	out := []byte{0xff, 0xd8}
	if parts == 4 {
		out = segment(out, 0xee, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0)
	}
	out = segment(out, 0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...)
	frame := []byte{8, byte(h >> 8), byte(h), byte(w >> 8), byte(w), byte(parts)}
	scan := []byte{byte(parts)}
	for i := range parts {
		frame = append(frame, byte(i+1), 0x11, 0)
		scan = append(scan, byte(i+1), 0)
	}
	kind, last := byte(0xc0), byte(63)
	if progressive {
		kind, last = 0xc2, 0
	}
	out = segment(out, kind, frame...)
	for _, class := range []byte{0x00, 0x10} { // one code of one bit, for "nothing"
		table := make([]byte, 18)
		table[0], table[1] = class, 1
		out = segment(out, 0xc4, table...)
	}
	out = segment(out, 0xda, append(scan, 0, last, 0)...)
	blocks := (w + 7) / 8 * ((h + 7) / 8) * parts
	return append(append(out, make([]byte, blocks/4+8)...), 0xff, 0xd9)
}

// single writes a prefix code of one symbol, 0, which takes no bits.
func single(b *bitWriter) { b.write(0b0001, 4) }

// full writes a prefix code of 2^size symbols, each of so many bits.
func full(b *bitWriter, size int) {
	order := [12]int{17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8}
	lengths := order[:]
	if size > 8 {
		lengths = append(lengths, []int{9, 10, 11}[:size-8]...)
	}
	b.write(0, 1)
	b.write(uint32(len(lengths)-4), 4)
	for _, symbol := range lengths {
		n := uint32(0)
		if symbol == 16 || symbol == size { // as before, or so many bits: of one bit each
			n = 1
		}
		b.write(n, 3)
	}
	var again []int // how often as before, three to six times each
	for left := 1<<size - 1; left > 0; left -= again[len(again)-1] {
		n := min(left, 6)
		if left-n == 1 || left-n == 2 {
			n = 4
		}
		again = append(again, n)
	}
	b.write(1, 1)
	b.write(7, 3)
	b.write(uint32(1+len(again)-2), 16)
	b.write(0, 1)
	for _, n := range again {
		b.write(uint32(n-3)<<1|1, 3)
	}
}

// emptyVP8L is what follows the header of a WebP's lossless part, from the transforms on,
// of a picture without colours. Of its groups of codes the first takes no bits; the others
// are as large as can be.
func emptyVP8L(w, h, groups int) []byte {
	b := &bitWriter{}
	b.write(0, 1) // no transform
	if groups == 1 {
		b.write(0, 2) // no cache, one group
	} else {
		b.write(1, 1)
		b.write(11, 4) // a cache of colours
		b.write(1, 1)  // several groups
		b.write(0, 3)  // in tiles of 4 by 4
		b.write(0, 1)
		full(b, 8)
		full(b, 8)
		single(b)
		single(b)
		single(b)
		for i := range (w + 3) / 4 * ((h + 3) / 4) {
			if i >= groups {
				i = 0
			}
			b.write(uint32(bits.Reverse8(byte(i))), 8)
			b.write(uint32(bits.Reverse8(byte(i>>8))), 8)
		}
	}
	for range 5 {
		single(b)
	}
	for range groups - 1 {
		full(b, 11)
		full(b, 8)
		full(b, 8)
		full(b, 8)
		single(b)
	}
	return append(b.bytes(), make([]byte, groups*16*5)...)
}

// emptyWebP is a WebP without loss.
func emptyWebP(w, h, groups int) []byte {
	head := binary.LittleEndian.AppendUint32([]byte{0x2f}, uint32(w-1)|uint32(h-1)<<14|1<<28)
	// The header ends on a byte's border.
	return riffFile(appendChunk(nil, "VP8L", append(head, emptyVP8L(w, h, groups)...)))
}

// clearWebP is a WebP with loss and with transparency without.
func clearWebP(w, h int) []byte {
	blocks := (w + 15) / 16 * ((h + 15) / 16)
	first := blocks*4 + 500
	frame := []byte{0x10 | byte(first<<5), byte(first >> 3), byte(first >> 11), 0x9d, 0x01, 0x2a, byte(w), byte(w >> 8), byte(h), byte(h >> 8)}
	frame = append(frame, make([]byte, first+blocks*8+500)...)
	head := []byte{webpAlpha, 0, 0, 0, byte(w - 1), byte((w - 1) >> 8), 0, byte(h - 1), byte((h - 1) >> 8), 0}
	file := appendChunk(nil, "VP8X", head)
	file = appendChunk(file, "ALPH", append([]byte{1}, emptyVP8L(w, h, 1)...))
	return riffFile(appendChunk(file, "VP8 ", frame))
}

// bombs are small files of pictures that take much memory, by their size in pixels. That
// of each says where more than mostMemory would be needed.
var bombs = map[string]struct {
	w, h int
	file func(w, h int) []byte
}{
	"PNG, 16 bits":            {7000, 5000, func(w, h int) []byte { return blackPNG(w, h, 16, 6, false) }},
	"PNG, 16 bits of grey":    {7000, 5600, func(w, h int) []byte { return blackPNG(w, h, 16, 0, false) }},
	"PNG, interlaced":         {7000, 5600, func(w, h int) []byte { return blackPNG(w, h, 8, 6, true) }},
	"PNG, turned":             {7000, 5600, func(w, h int) []byte { return askew(PNG, blackPNG(w, h, 8, 6, false)) }},
	"PNG, a palette":          {16000, 10000, func(w, h int) []byte { return blackPNG(w, h, 1, 3, false) }},
	"JPEG":                    {7990, 5000, func(w, h int) []byte { return greyJPEG(w, h, 3, false) }},
	"JPEG, for print":         {6000, 5000, func(w, h int) []byte { return greyJPEG(w, h, 4, false) }},
	"JPEG, progressive":       {6000, 4900, func(w, h int) []byte { return greyJPEG(w, h, 3, true) }},
	"WebP, no loss, turned":   {7000, 5000, func(w, h int) []byte { return askew(WebP, emptyWebP(w, h, 1)) }},
	"WebP, many codes":        {5000, 3990, func(w, h int) []byte { return askew(WebP, emptyWebP(w, h, 2600)) }},
	"WebP, with transparency": {7000, 4000, clearWebP},
}

// askew asks for a picture to be turned.
func askew(format Format, data []byte) []byte {
	return withExif(format, data, exifBlock(binary.BigEndian, "MM", 6))
}

// TestBombsAreHarmless reads pictures that would take more memory than allowed. Smaller
// ones of the same make are read, so that it is their size for which they are refused. It
// does not run beside other tests, because it measures what the whole process allocates.
func TestBombsAreHarmless(t *testing.T) {
	for name, c := range bombs {
		small, _, err := ReadUpload(bytes.NewReader(c.file(240, 180)), Limits{})
		if err != nil {
			t.Errorf("%s, small: %v", name, err)
			continue
		}
		if n := small.Rect.Dx() * small.Rect.Dy(); n != 240*180 {
			t.Errorf("%s, small, has %d pixels", name, n)
		}
		data := c.file(c.w, c.h)
		if len(data) > 10_000_000 {
			t.Fatalf("%s has %d bytes", name, len(data))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err = ReadUpload(bytes.NewReader(data), Limits{})
		runtime.ReadMemStats(&after)
		used := after.TotalAlloc - before.TotalAlloc
		t.Logf("%s, %d bytes of file: %d MiB; %.120v", name, len(data), used>>20, err)
		if used > mostMemory {
			t.Errorf("%s, %d bytes of file: took %d MiB, at most %d are allowed", name, len(data), used>>20, mostMemory>>20)
		}
	}
}
