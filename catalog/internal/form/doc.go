// Package form reads YAML into tagged Go structs, strictly, and tells every fault at
// once: each with file, line, column, the path of the field, the value found and what
// is allowed. The same tags give a JSON Schema and a canonical print, so that reader,
// schema and print can't drift apart.
//
// It promises that what it accepts is exactly what the tags say: unknown and repeated
// keys, wrong kinds of values and values out of range are faults. It offers no anchors,
// aliases, merges or own tags, and no floating-point numbers.
//
// Tags of a field, beside `yaml:"name"` (or `json:"name"`):
//
//	need:"yes"      the key must be there
//	default:"TEXT"  what a missing key stands for
//	min, max        bounds of whole numbers
//	keymin, keymax  bounds of the keys of a map of numbers
//	enum:"a b"      the words that are allowed
//	is:"id"         a text of one of the forms in texts
//	print:"always"  printed even when zero, since a missing key may mean something else
//	doc:"TEXT"      the description in the schema
package form
