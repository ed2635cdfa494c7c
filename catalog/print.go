package catalog

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/florin-studio/florin/catalog/internal/form"
)

// Print writes the catalog as a file, with every default spelled out. Loading it gives
// a catalog of the same version.
func (c *Catalog) Print() []byte { return form.Print(c.sheet) }

// version hashes the canonical print of everything but the examples, which check the
// prices and don't change them.
func version(s *sheet) string {
	hash := sha256.Sum256(form.Print(*s, "examples"))
	return hex.EncodeToString(hash[:8])
}
