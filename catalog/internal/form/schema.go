package form

import (
	"maps"
	"reflect"
)

// Schema gives the JSON Schema of a struct type, made from its tags.
func Schema(t reflect.Type) map[string]any {
	properties := map[string]any{}
	var required []string
	for _, f := range Fields(t) {
		shape := shapeOf(f.Type, &f)
		if f.Doc != "" {
			shape["description"] = f.Doc
		}
		if f.HasDefault && f.Default != "" {
			shape["default"] = defaultOf(&f)
		}
		properties[f.Name] = shape
		if f.Need {
			required = append(required, f.Name)
		}
	}
	out := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

// defaultOf is a field's default as the file would have it.
func defaultOf(f *Field) any {
	v := reflect.New(f.Type).Elem()
	setDefault(v, f)
	if s, ok := asScalar(v); ok {
		return s.String()
	}
	return v.Interface()
}

func shapeOf(t reflect.Type, f *Field) map[string]any {
	if isScalar(t) {
		return maps.Clone(reflect.New(t).Interface().(Scalar).Shape())
	}
	if t == reflect.TypeFor[Raw]() {
		return map[string]any{"type": "object"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return shapeOf(t.Elem(), f)
	case reflect.Struct:
		return Schema(t)
	case reflect.Slice:
		return map[string]any{"type": "array", "items": shapeOf(t.Elem(), f)}
	case reflect.Map:
		keys := map[string]any{}
		if t.Key().Kind() != reflect.String {
			keys["pattern"] = "^[0-9]+$"
		}
		return map[string]any{"type": "object", "propertyNames": keys, "additionalProperties": shapeOf(t.Elem(), f)}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.String:
		return textShape(f)
	}
	return map[string]any{"type": "integer", "minimum": f.Min, "maximum": f.Max}
}

func textShape(f *Field) map[string]any {
	shape := map[string]any{"type": "string"}
	if len(f.Enum) > 0 {
		shape["enum"] = f.Enum
	}
	if f.Is != "" {
		shape["pattern"] = texts[f.Is].pattern.String()
	}
	return shape
}
