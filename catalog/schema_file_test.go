package catalog_test

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/catalog/scenario"
)

var update = flag.Bool("update", false, "write the schema files anew")

// TestSchemaFiles compares the schemas that editors read with those of the code.
func TestSchemaFiles(t *testing.T) {
	t.Parallel()
	for file, schema := range map[string][]byte{"catalog.schema.json": catalog.Schema(), "scenario/scenario.schema.json": scenario.Schema()} {
		if *update {
			if err := os.WriteFile(file, schema, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		written, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(written, schema) {
			t.Errorf("%s is not what the code says; write it anew with: go test ./catalog -run TestSchemaFiles -update", file)
		}
	}
}
