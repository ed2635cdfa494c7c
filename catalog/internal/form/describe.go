package form

import (
	"reflect"
	"strings"
)

// describe says in words what a field may be.
func describe(f *Field) string { return describeType(f.Type, f) }

func describeType(t reflect.Type, f *Field) string {
	if isScalar(t) {
		return reflect.New(t).Interface().(Scalar).Allowed()
	}
	if isBare(t) {
		return "nothing, true or {}"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return describeType(t.Elem(), f)
	case reflect.Struct:
		return "keys " + strings.Join(names(Fields(t)), ", ")
	case reflect.Slice:
		return "a list of " + describeType(t.Elem(), f)
	case reflect.Map:
		if t.Key().Kind() == reflect.String {
			return "ids, each with " + describeType(t.Elem(), f)
		}
		return "whole numbers, each with " + describeType(t.Elem(), f)
	case reflect.Bool:
		return "true, false"
	case reflect.String:
		return f.allowedText()
	}
	return f.allowedNumber()
}
