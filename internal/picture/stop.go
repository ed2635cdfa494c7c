package picture

import (
	"context"
	"io"
)

// stopper passes bytes on until its context has ended.
type stopper struct {
	ctx context.Context
	w   io.Writer
	r   io.Reader
}

// StopWriter gives a writer that fails with the context's error once that has ended, so
// that whoever encodes a picture into it stops soon.
func StopWriter(ctx context.Context, w io.Writer) io.Writer { return &stopper{ctx: ctx, w: w} }

// StopReader is the same for decoding.
func StopReader(ctx context.Context, r io.Reader) io.Reader { return &stopper{ctx: ctx, r: r} }

// Write writes if the context has not ended.
func (s *stopper) Write(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.w.Write(p)
}

// Read reads if the context has not ended.
func (s *stopper) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

// splicer writes a text in between what it is given, after so many bytes.
type splicer struct {
	w     io.Writer
	after int
	text  []byte
}

// Write gives the number of bytes of p that were written.
func (s *splicer) Write(p []byte) (int, error) {
	if s.text == nil || len(p) < s.after {
		n, err := s.w.Write(p)
		s.after -= n
		return n, err
	}
	n, err := s.w.Write(p[:s.after])
	if err == nil {
		_, err = s.w.Write(s.text)
		s.text = nil
	}
	if err != nil {
		return n, err
	}
	more, err := s.w.Write(p[n:])
	return n + more, err
}
