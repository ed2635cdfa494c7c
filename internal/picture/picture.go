// Package picture turns pixels into files and files into pixels.
//
// It promises: PNG files that carry a generation's settings as text, the reading back of
// those settings, small JPEG thumbnails, and decoding of PNG, JPEG and WebP that looks at
// the content only and refuses oversized pictures before any pixel is decoded. It is pure:
// it opens no files, keeps no state, and imports nothing else of the project. It does not
// paint, scale for printing, or judge what a picture shows.
package picture
