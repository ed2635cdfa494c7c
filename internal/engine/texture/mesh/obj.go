package mesh

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
)

// objReader gathers the lists and faces of an OBJ file.
type objReader struct {
	soup
	line   int
	fields [][]byte
	ring   []corner
}

// ReadOBJ reads the v, vt, vn and f lines of an OBJ file. Everything else, such as groups,
// materials and lines, is passed over.
func ReadOBJ(data []byte) (*Mesh, error) { return readOBJ(context.Background(), data) }

func readOBJ(ctx context.Context, data []byte) (*Mesh, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("the file has %d bytes, at most %d are allowed", len(data), MaxBytes)
	}
	r := &objReader{soup: soup{ctx: ctx}}
	for i := 0; len(data) > 0; i++ {
		if ended(ctx, i) {
			return nil, ctx.Err()
		}
		var text []byte
		text, data = r.next(data)
		if err := r.read(text); err != nil {
			return nil, fmt.Errorf("line %d: %w", r.line, err)
		}
	}
	return r.finish()
}

// next takes a line off; a line that ends with a backslash goes on in the next one.
func (r *objReader) next(data []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(data, []byte("\n"))
	r.line++
	line = bytes.TrimRight(line, "\r")
	if !bytes.HasSuffix(line, []byte(`\`)) {
		return line, rest
	}
	joined := append([]byte(nil), line[:len(line)-1]...)
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		r.line++
		line = bytes.TrimRight(line, "\r")
		more := bytes.HasSuffix(line, []byte(`\`))
		joined = append(append(joined, ' '), bytes.TrimSuffix(line, []byte(`\`))...)
		if !more {
			break
		}
	}
	return joined, rest
}

func (r *objReader) read(line []byte) error {
	if i := bytes.IndexByte(line, '#'); i >= 0 {
		line = line[:i]
	}
	line = bytes.TrimLeft(line, " \t")
	if len(line) < 2 || line[0] != 'v' && line[0] != 'f' {
		return nil
	}
	r.split(line)
	if len(r.fields) == 0 {
		return nil
	}
	rest := r.fields[1:]
	switch string(r.fields[0]) {
	case "v":
		var p [3]float32
		if err := numbers("vertex", rest, p[:], 3); err != nil {
			return err
		}
		r.positions = append(r.positions, p)
	case "vt":
		var t [2]float32
		if err := numbers("texture coordinate", rest, t[:], 1); err != nil {
			return err
		}
		r.uvs = append(r.uvs, [2]float32{t[0], 1 - t[1]}) // OBJ's v goes up, ours down
	case "vn":
		var n [3]float32
		if err := numbers("normal", rest, n[:], 3); err != nil {
			return err
		}
		r.normals = append(r.normals, n)
	case "f":
		return r.face(rest)
	}
	return nil
}

// mostFields is as many as the largest face can have, and one more, by which it is refused.
const mostFields = MaxTriangles + 4

// split is bytes.Fields without a new list for each line; of more than mostFields the
// rest is passed over.
func (r *objReader) split(line []byte) {
	r.fields = r.fields[:0]
	for len(line) > 0 && len(r.fields) < mostFields {
		i := 0
		for i < len(line) && !blank(line[i]) {
			i++
		}
		if i > 0 {
			r.fields = append(r.fields, line[:i])
		}
		for i < len(line) && blank(line[i]) {
			i++
		}
		line = line[i:]
	}
}

func blank(b byte) bool { return b == ' ' || b == '\t' || b == '\r' || b == '\v' || b == '\f' }

// numbers reads as many numbers as out holds, at least least of them.
func numbers(what string, fields [][]byte, out []float32, least int) error {
	if len(fields) < least {
		return fmt.Errorf("the %s has %d numbers, at least %d are needed", what, len(fields), least)
	}
	for i := range min(len(out), len(fields)) {
		x, err := strconv.ParseFloat(string(fields[i]), 64)
		if err != nil || !inRange(float32(x)) {
			return fmt.Errorf("the %s's number %d is %.24q, allowed are finite numbers from %.0g to %.0g", what, i+1, fields[i], -MaxCoordinate, MaxCoordinate)
		}
		out[i] = float32(x)
	}
	return nil
}

func (r *objReader) face(fields [][]byte) error {
	if len(fields) < 3 {
		return fmt.Errorf("the face has %d corners, at least 3 are needed", len(fields))
	}
	if err := r.room(len(fields) - 2); err != nil {
		return err
	}
	r.ring = r.ring[:0]
	for _, f := range fields {
		c, err := r.corner(f)
		if err != nil {
			return err
		}
		r.ring = append(r.ring, c)
	}
	return r.polygon(r.ring)
}

// corner reads "p", "p/t", "p//n" or "p/t/n".
func (r *objReader) corner(field []byte) (corner, error) {
	p, rest, _ := bytes.Cut(field, []byte("/"))
	t, n, _ := bytes.Cut(rest, []byte("/"))
	c := corner{none, none, none}
	var err error
	if c.p, err = pick("vertex", p, len(r.positions)); err != nil {
		return c, err
	}
	if len(t) > 0 {
		if c.t, err = pick("texture coordinate", t, len(r.uvs)); err != nil {
			return c, err
		}
	}
	if len(n) > 0 {
		if c.n, err = pick("normal", n, len(r.normals)); err != nil {
			return c, err
		}
	}
	return c, nil
}

// pick reads an index: 1 is the first of the list, -1 the last one so far.
func pick(what string, text []byte, count int) (int32, error) {
	i, err := strconv.Atoi(string(text))
	switch {
	case err == nil && i > 0 && i <= count:
		return int32(i - 1), nil
	case err == nil && i < 0 && -i <= count:
		return int32(count + i), nil
	case count == 0:
		return none, fmt.Errorf("the face names %s %.24q before there is any", what, text)
	}
	return none, fmt.Errorf("the face names %s %.24q, allowed are 1 to %d and -%d to -1", what, text, count, count)
}
