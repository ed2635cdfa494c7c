package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/once"
	"github.com/florin-studio/florin/token"
)

// The routes that take and settle tokens are written by hand: they are called thousands
// of times a second, where reflection would cost more than the ledger. The document
// describes them all the same, and the contract test holds them to it.

// Spending is the body of a hold or a charge: tokens, or a request that the catalog prices.
type Spending struct {
	Tokens  *int64           `json:"tokens,omitempty" minimum:"1" maximum:"9007199254740991" doc:"How many; or else give a request."`
	Request *catalog.Request `json:"request,omitempty" doc:"What is to be made; the server prices it by its catalog."`
	Feature string           `json:"feature,omitempty" maxLength:"200" doc:"What the tokens are for; a request has its own."`
	Relaxed bool             `json:"relaxed,omitempty" doc:"On plans with relaxed generation: where the tokens do not suffice, take none instead of refusing."`
}

// HoldSpending is the body of a hold.
type HoldSpending struct {
	Spending
	ExpiresIn int64 `json:"expires_in,omitempty" minimum:"0" maximum:"31536000" doc:"Seconds after which the hold is released by itself; never if missing."`
}

// Settling is the body of a settlement.
type Settling struct {
	Tokens *int64 `json:"tokens,omitempty" minimum:"0" maximum:"9007199254740991" doc:"What was used, up to what is held; all of it if missing."`
}

// BatchCharge is one of many charges.
type BatchCharge struct {
	Account string `json:"account" minLength:"1" maxLength:"400" doc:"The account's id, or external: and its external id."`
	Key     string `json:"key,omitempty" maxLength:"128" pattern:"^[!-~]*$" doc:"Its idempotency key; one is made from the header and its place where it is missing."`
	Spending
}

// Batch is the body of many charges.
type Batch struct {
	Charges []BatchCharge `json:"charges" nullable:"false" minItems:"1" maxItems:"1000"`
}

// decode reads a JSON body strictly: unknown fields and anything after it are errors.
func decode(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return malformed(err)
	}
	if d.InputOffset() != int64(len(raw)) {
		if _, err := d.Token(); !errors.Is(err, io.EOF) {
			return problem(http.StatusBadRequest, "bad_request", http.StatusText(http.StatusBadRequest), "There is more than one value in the body.")
		}
	}
	return nil
}

// malformed tells what is wrong with a body: 400 where it is no JSON, 422 where a field is wrong.
func malformed(err error) error {
	var kind *json.UnmarshalTypeError
	unknown, isUnknown := strings.CutPrefix(err.Error(), "json: unknown field ")
	switch {
	case errors.As(err, &kind):
		field := kind.Field
		if i := strings.LastIndex(field, "Spending."); i >= 0 {
			field = field[i+len("Spending."):]
		}
		return wrong(strings.TrimSuffix("body."+field, "."), kind.Value, "a JSON "+jsonName(kind.Type.Kind().String()))
	case isUnknown:
		name, _ := strconv.Unquote(unknown)
		return wrong("body."+name, name, "only the fields of the document")
	}
	return problem(http.StatusBadRequest, "bad_request", http.StatusText(http.StatusBadRequest), sentence("the body is not the JSON of an object: "+err.Error()))
}

func jsonName(kind string) string {
	switch {
	case strings.HasPrefix(kind, "int"), strings.HasPrefix(kind, "uint"):
		return "whole number of up to 64 bits"
	case kind == "struct":
		return "object"
	case kind == "slice":
		return "array"
	case kind == "bool":
		return "true or false"
	}
	return kind
}

// wrong is a field whose value is not allowed.
func wrong(location, value, allowed string) *Problem {
	p := problem(http.StatusUnprocessableEntity, "bad_request", "Please check the input", fmt.Sprintf("%s is %q; allowed: %s.", location, value, allowed))
	p.Errors = []*huma.ErrorDetail{{Location: location, Message: "allowed: " + allowed, Value: value}}
	return p
}

// check finds what no account could make right; place begins the names of the fields.
func (s *Spending) check(place string) error {
	if (s.Tokens == nil) == (s.Request == nil) {
		return wrong(place+".tokens", "", "tokens or a request, one of the two")
	}
	if s.Tokens != nil && (*s.Tokens < 1 || *s.Tokens > token.Max) {
		return wrong(place+".tokens", strconv.FormatInt(*s.Tokens, 10), "1 to 2^53-1")
	}
	if utf8.RuneCountInString(s.Feature) > 200 || s.Feature != "" && s.Request != nil {
		return wrong(place+".feature", s.Feature, "up to 200 characters, and none beside a request")
	}
	return nil
}

// keyOr checks an idempotency key, or makes one: rising with time, as indexes like it.
func keyOr(key string) (string, error) {
	if key == "" {
		id, err := uuid.NewV7()
		return id.String(), err
	}
	return key, once.CheckKey(key)
}

// maxSmallBody bounds the body of a single hold or charge, in bytes.
const maxSmallBody = 16 << 10

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 4096); return &b }}

// readBody reads a request's body into b.
func readBody(r *http.Request, b []byte, most int) ([]byte, error) {
	if r.ContentLength > int64(most) {
		return b, tooLarge(most)
	}
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Body.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		switch {
		case len(b) > most:
			return b, tooLarge(most)
		case err == io.EOF:
			return b, nil
		case err != nil:
			return b, problem(http.StatusBadRequest, "bad_request", http.StatusText(http.StatusBadRequest), "The body did not arrive whole.")
		}
	}
}

func tooLarge(most int) error {
	return problem(http.StatusRequestEntityTooLarge, "too_large", http.StatusText(http.StatusRequestEntityTooLarge), fmt.Sprintf("The body may have %d bytes.", most))
}

// appendString writes a JSON string.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			raw, _ := json.Marshal(s)
			return append(b, raw...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
