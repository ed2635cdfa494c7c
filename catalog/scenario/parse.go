package scenario

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/florin-studio/florin/catalog/internal/form"
)

// Parse reads scenarios: one in each YAML document of the file. The error is
// catalog.Faults, with every fault of the file.
func Parse(name string, yaml []byte) ([]Scenario, error) {
	docs, err := form.Documents(name, yaml)
	if err != nil {
		return nil, err
	}
	var out []Scenario
	var faults form.Faults
	for _, doc := range docs {
		s := Scenario{File: name}
		doc.Read(&s)
		s.check(doc)
		if err := doc.Err(); err != nil {
			faults = append(faults, err.(form.Faults)...)
		}
		out = append(out, s)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return out, nil
}

// Schema is the JSON Schema (2020-12) of scenario files.
func Schema() []byte {
	schema := form.Schema(reflect.TypeFor[Scenario]())
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "Florin scenario"
	text, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		panic("scenario: a schema can always be encoded: " + err.Error())
	}
	return append(text, '\n')
}

// check judges what depends on several fields.
func (s *Scenario) check(doc *form.Document) {
	s.Line = doc.Line("")
	if s.Name != "" && strings.ContainsAny(s.Name, "\r\n") {
		doc.Fault("name", s.Name, "is not one line", "one line")
	}
	for i := range s.Steps {
		step, path := &s.Steps[i], fmt.Sprintf("steps[%d]", i)
		step.Line = doc.Line(path)
		if n := len(step.kinds()); n != 1 {
			doc.Fault(path, "", fmt.Sprintf("has %d kinds of step", n), "exactly one of "+strings.Join(kindNames, ", "))
		}
		if (step.Expect != nil || step.Catalog != nil) && (step.Refused.Reason != "" || step.Key != "") {
			doc.Fault(path, "", "asks nothing of an account: it has no key and is not refused", "a step without key and refused")
		}
		for _, hold := range []struct {
			name string
			*Hold
		}{{"hold", step.Hold}, {"charge", step.Charge}} {
			if hold.Hold != nil && (hold.Tokens == nil) == (hold.Request == nil) {
				doc.Fault(path+"."+hold.name, "", "has neither or both of tokens and request", "one of the two")
			}
		}
		if step.Charge != nil && step.Charge.ExpiresIn != 0 {
			doc.Fault(path+".charge.expires_in", step.Charge.ExpiresIn.String(), "belongs to no hold", "only with hold")
		}
	}
}

// kindNames are the kinds of steps, in the order of the fields of Step.
var kindNames = func() []string {
	var names []string
	for _, f := range form.Fields(reflect.TypeFor[Step]()) {
		if f.Type.Kind() == reflect.Pointer {
			names = append(names, f.Name)
		}
	}
	return names
}()

// kinds lists what a step is; it should be one thing.
func (s *Step) kinds() []string {
	var found []string
	v := reflect.ValueOf(s).Elem()
	for _, f := range form.Fields(v.Type()) {
		if f.Type.Kind() == reflect.Pointer && !v.Field(f.Index).IsNil() {
			found = append(found, f.Name)
		}
	}
	return found
}
