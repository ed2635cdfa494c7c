package picture

import (
	"bytes"
	"encoding/binary"
)

// upright is the orientation of a picture whose rows go down and columns go right.
const upright = 1

// orientationTag is where Exif keeps which way a camera was held.
const orientationTag = 0x0112

// orientation reads a PNG's or JPEG's orientation, 1 to 8. Anything missing or
// wrong gives 1, as every viewer does.
func orientation(format Format, data []byte) int {
	if format == PNG {
		return exifOrientation(pngChunk(data, "eXIf"))
	}
	return exifOrientation(jpegExif(data))
}

// exifOrientation reads the orientation from an Exif block, which is a small TIFF file.
func exifOrientation(tiff []byte) int {
	tiff = bytes.TrimPrefix(tiff, []byte("Exif\x00\x00"))
	if len(tiff) < 8 {
		return upright
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return upright
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return upright
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			return upright
		}
		tag, kind, count := order.Uint16(entries), order.Uint16(entries[2:]), order.Uint32(entries[4:])
		if tag == orientationTag {
			if v := order.Uint16(entries[8:]); kind == 3 && count == 1 && v >= 1 && v <= 8 {
				return int(v)
			}
			return upright
		}
		entries = entries[12:]
	}
	return upright
}

// jpegExif finds the Exif block before the first scan of a JPEG.
func jpegExif(data []byte) []byte {
	var found []byte
	jpegSegments(data, func(marker byte, body []byte) bool {
		if marker == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			found = body
		}
		return found == nil
	})
	return found
}

// jpegSegments calls visit with each segment before the first scan until it says no.
func jpegSegments(data []byte, visit func(marker byte, body []byte) bool) {
	for i := 2; i+4 <= len(data); {
		switch marker := data[i+1]; {
		case data[i] != 0xff:
			i++
		case marker == 0xff:
			i++
		case marker == 0x00 || marker == 0x01 || marker >= 0xd0 && marker <= 0xd8:
			i += 2
		case marker == 0xda || marker == 0xd9:
			return
		default:
			end := i + 2 + int(data[i+2])<<8 + int(data[i+3])
			if end < i+4 || end > len(data) || !visit(marker, data[i+4:end]) {
				return
			}
			i = end
		}
	}
}

// pngChunk finds a chunk's body, also behind the pixels, or gives nil. Checksums are
// not looked at, because no decision about memory hangs on them.
func pngChunk(data []byte, name string) []byte {
	for rest := data[min(len(data), len(pngSignature)):]; len(rest) >= 12; {
		length := int64(binary.BigEndian.Uint32(rest))
		if length+12 > int64(len(rest)) {
			return nil
		}
		if string(rest[4:8]) == name {
			return rest[8 : 8+length : 8+length]
		}
		rest = rest[length+12:]
	}
	return nil
}
