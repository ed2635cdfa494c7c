package store

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"unicode/utf8"
)

// arguments brings values, in their places, into the few types that both engines bind alike.
func arguments(args []any) error {
	for i, arg := range args {
		v, err := argument(arg)
		if err != nil {
			return fmt.Errorf("store: argument $%d: %w", i+1, err)
		}
		args[i] = v
	}
	return nil
}

// argument brings a value into one of nil, int64, string and []byte.
func argument(v any) (any, error) {
	switch v := v.(type) {
	case nil, int64:
		return v, nil
	case string:
		return v, storable(v)
	case []byte:
		if v == nil {
			return nil, nil
		}
		return v, nil
	case bool:
		if v {
			return int64(1), nil
		}
		return int64(0), nil
	case int:
		return int64(v), nil
	}
	return reflected(reflect.ValueOf(v))
}

// storable refuses what PostgreSQL keeps in no text, so that both engines keep the same.
func storable(text string) error {
	if strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text) {
		return ErrText
	}
	return nil
}

func reflected(r reflect.Value) (any, error) {
	switch r.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return r.Int(), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if r.Uint() > math.MaxInt64 {
			return nil, fmt.Errorf("%d does not fit into 63 bits", r.Uint())
		}
		return int64(r.Uint()), nil
	case reflect.String:
		return r.String(), storable(r.String())
	case reflect.Bool:
		return argument(r.Bool())
	case reflect.Slice:
		if r.Type().Elem().Kind() == reflect.Uint8 {
			return argument(r.Bytes())
		}
	case reflect.Pointer:
		if r.IsNil() {
			return nil, nil
		}
		return argument(r.Elem().Interface())
	}
	return nil, fmt.Errorf("%s can't be stored; allowed: integers, strings, bytes, bool, and pointers to them", r.Type())
}

// assign copies a value of a row to where dest points.
func assign(dest, v any) error {
	switch d := dest.(type) {
	case *int64:
		if n, ok := v.(int64); ok {
			*d = n
			return nil
		}
	case *string:
		if s, ok := v.(string); ok {
			*d = s
			return nil
		}
	case *[]byte:
		switch b := v.(type) {
		case []byte:
			*d = append([]byte{}, b...)
			return nil
		case string:
			*d = []byte(b)
			return nil
		case nil:
			*d = nil
			return nil
		}
	case *any:
		*d = v
		return nil
	}
	r := reflect.ValueOf(dest)
	if r.Kind() != reflect.Pointer || r.IsNil() {
		return fmt.Errorf("%T is no place to scan into", dest)
	}
	return place(r.Elem(), v)
}

// place is assign for the rarer types.
func place(r reflect.Value, v any) error {
	if r.Kind() == reflect.Pointer {
		if v == nil {
			r.SetZero()
			return nil
		}
		r.Set(reflect.New(r.Type().Elem()))
		return place(r.Elem(), v)
	}
	switch v := v.(type) {
	case int64:
		switch {
		case r.CanInt() && !r.OverflowInt(v):
			r.SetInt(v)
			return nil
		case r.CanUint() && v >= 0 && !r.OverflowUint(uint64(v)):
			r.SetUint(uint64(v))
			return nil
		case r.Kind() == reflect.Bool && (v == 0 || v == 1):
			r.SetBool(v == 1)
			return nil
		}
	case string:
		if r.Kind() == reflect.String {
			r.SetString(v)
			return nil
		}
		if r.Kind() == reflect.Slice && r.Type().Elem().Kind() == reflect.Uint8 {
			r.SetBytes([]byte(v))
			return nil
		}
	case []byte:
		switch {
		case r.Kind() == reflect.String:
			r.SetString(string(v))
			return nil
		case r.Kind() == reflect.Slice && r.Type().Elem().Kind() == reflect.Uint8:
			r.SetBytes(append([]byte{}, v...))
			return nil
		}
	case nil:
		return fmt.Errorf("NULL does not fit into %s; scan into a pointer to it", r.Type())
	}
	return fmt.Errorf("%T %v does not fit into %s", v, v, r.Type())
}
