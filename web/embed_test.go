package web

import (
	"io/fs"
	"testing"
)

func TestFilesAgreeWithWhatWasBuilt(t *testing.T) {
	t.Parallel()
	pages, built := Files()
	if pages == nil {
		t.Fatal("no file system")
	}
	_, err := fs.Stat(pages, "index.html")
	if built != (err == nil) {
		t.Fatalf("built = %v, but index.html says %v", built, err)
	}
}
