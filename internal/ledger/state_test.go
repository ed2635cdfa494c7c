package ledger

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/florin-studio/florin/token"
)

// anything fills a value with random content, every field that there is: one that is added to
// an account and forgotten here comes back as zero.
func anything(rng *rand.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			anything(rng, v.Field(i))
		}
	case reflect.Slice:
		if n := rng.IntN(4); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
		}
		for i := range v.Len() {
			anything(rng, v.Index(i))
		}
	case reflect.String:
		v.SetString([]string{"", "-", "plan", "%2D", "a b", "; g x", "ünï\x00\n\x7f", "1772366400", "%", "{"}[rng.IntN(10)])
	case reflect.Int, reflect.Int64:
		v.SetInt([]int64{0, 1, -1, 1000, 1772366400000, 1772366400123, -5000, 253_402_300_799_999, -62_135_596_800_000}[rng.IntN(9)])
	default:
		panic("no random " + v.Type().String())
	}
}

// TestT31StatesAreKeptWhole writes random accounts, of every field, and reads them again.
func TestT31StatesAreKeptWhole(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 9))
	for range 20000 {
		var a token.Account
		anything(rng, reflect.ValueOf(&a).Elem())
		row := RowOf(&a)
		b, err := decodeState(row)
		if err != nil || !reflect.DeepEqual(a, b) {
			t.Fatalf("%q\n%+v\n%+v\n%v", row.State, a, b, err)
		}
		row.State = string(a.AppendJSON(nil)) // as before there was the short form
		b, err = decodeState(row)
		if want := string(a.AppendJSON(nil)); err != nil || string(b.AppendJSON(nil)) != want {
			t.Fatalf("%s\n%s\n%v", want, b.AppendJSON(nil), err)
		}
	}
}

func TestStateIsShort(t *testing.T) {
	t.Parallel()
	a := token.Account{
		ID: "ann", Seq: 3, At: 1772366400000, Hash: "4f",
		Facts:  token.Facts{Plan: "artisan", Zone: "UTC", Opened: 1772366400000, ResetAt: 1772366400000, NextReset: 1772409600500},
		Grants: []token.Grant{{ID: "b", Kind: token.Bonus, Amount: 5, Remaining: 4, Starts: 1772366400000, Source: "for you; 5 %"}},
		Holds:  []token.Hold{{ID: "x", At: 1772366400000, Tokens: 1, Lane: token.Fast, Parts: []token.Part{{Grant: "b", Tokens: 1}}}},
		Codes:  []string{"WELCOME", ""},
	}
	want := "1 artisan UTC 1772366400 1772366400 .1772409600500;g b bonus 5 4 0 0 1772366400 0 for%20you%3B%205%20%25;h x 1772366400 1 fast;p b 1;c WELCOME;c;"
	if is := StateText(&a); is != want {
		t.Errorf("%s\n%s", is, want)
	}
}

func TestDamagedStatesAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "x", "1", "1 free UTC", "2 free UTC;", "1 free UTC 1 1 1 0 0 0 - 0 0 0 0 - more;", "1 free UTC x;", "1 free UTC 12.5;", "1 fr%eg;", "1 fr%2;", "1 fr%GG;",
		"1 free UTC;z;", "1 free UTC;g", "1 free UTC;p g 1;", "1 free UTC;g a b c;", "1 free UTC;;", "1 free UTC; ", "{", `{"id":"ann"}`, `{"id":"ann","seq":2,"hash":"4f"}`,
	} {
		if a, err := decodeState(Row{ID: "ann", Seq: 1, Hash: "4f", State: text}); err == nil || !strings.Contains(err.Error(), `ann`) {
			t.Errorf("%q is read as %+v, %v", text, a, err)
		}
	}
}

// FuzzState: no text makes the reader fail in another way than with an error, and what it
// reads it writes so that it reads the same.
func FuzzState(f *testing.F) {
	f.Add("1 artisan UTC 1772366400 .1772366400123 1772409600 1772366400 0 1775044800;g b bonus 5 4 0 0 1772366400 0 for%20you;h x 1772366400 1 fast;p b 1;c WELCOME;")
	f.Add("1;c;h;p;g")
	f.Add("1 %;")
	f.Fuzz(func(t *testing.T, text string) {
		row := Row{ID: "ann", Seq: 1, Hash: "4f", State: text}
		a, err := decodeState(row)
		if err != nil || isJSON(text) {
			return
		}
		b, err := decodeState(RowOf(&a))
		if err != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("%q: %+v\n%+v\n%v", text, a, b, err)
		}
	})
}
