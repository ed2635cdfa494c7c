package picture

import (
	"encoding/binary"
	"fmt"
)

// Bits of the flags in a WebP's VP8X chunk.
const (
	webpAnimated = 1 << 1
	webpAlpha    = 1 << 4
)

// riffChunk is a part of a WebP: four letters and a body.
type riffChunk struct {
	name string
	body []byte
}

// riffChunks lists the chunks of a WebP or of an animation frame. The last one may be cut.
func riffChunks(data []byte) []riffChunk {
	var chunks []riffChunk
	for len(data) >= 8 && len(chunks) < 1<<12 {
		length := int64(binary.LittleEndian.Uint32(data[4:]))
		end := min(8+length, int64(len(data)))
		chunks = append(chunks, riffChunk{string(data[:4]), data[8:end]})
		data = data[min(end+length&1, int64(len(data))):]
	}
	return chunks
}

// stillWebP gives what the decoder understands: a WebP with one frame. It also reads
// the orientation, and tells whether there were more frames.
func stillWebP(data []byte) (still []byte, orientation int, animated bool, err error) {
	orientation = upright
	var frame []byte
	for _, c := range riffChunks(data[12:]) {
		switch {
		case c.name == "VP8X" && len(c.body) >= 10:
			animated = c.body[0]&webpAnimated != 0
		case c.name == "EXIF":
			orientation = exifOrientation(c.body)
		case c.name == "ANMF" && frame == nil:
			frame = c.body
		}
	}
	if !animated {
		return data, orientation, false, nil
	}
	if len(frame) < 16 {
		return nil, orientation, true, fmt.Errorf("%w: webp: the animation has no frame", ErrDamaged)
	}
	return frameWebP(frame), orientation, true, nil
}

// frameWebP makes a WebP of its own from an animation's frame: place and duration,
// 16 bytes, and then the chunks of a still picture.
func frameWebP(frame []byte) []byte {
	flags, body := byte(0), []byte(nil)
	for _, c := range riffChunks(frame[16:]) {
		if c.name != "ALPH" && c.name != "VP8 " && c.name != "VP8L" {
			continue
		}
		if c.name == "ALPH" {
			flags |= webpAlpha
		}
		body = appendChunk(body, c.name, c.body)
	}
	head := append([]byte{flags, 0, 0, 0}, frame[6:12]...)
	return riffFile(append(appendChunk(nil, "VP8X", head), body...))
}

func appendChunk(to []byte, name string, body []byte) []byte {
	to = append(to, name...)
	to = binary.LittleEndian.AppendUint32(to, uint32(len(body)))
	to = append(to, body...)
	if len(body)%2 == 1 {
		to = append(to, 0)
	}
	return to
}

// riffFile puts the chunks into a WebP file.
func riffFile(chunks []byte) []byte {
	file := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(chunks)+4))
	return append(append(file, "WEBP"...), chunks...)
}
