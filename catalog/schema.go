package catalog

import (
	"encoding/json"
	"reflect"

	"github.com/florin-studio/florin/catalog/internal/form"
)

// Schema is the JSON Schema (2020-12) of catalog files, for editors that complete and
// check them. It is made from the same description as the reader.
func Schema() []byte {
	schema := form.Schema(reflect.TypeFor[sheet]())
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "Florin catalog"
	text, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		panic("catalog: a schema can always be encoded: " + err.Error())
	}
	return append(text, '\n')
}
