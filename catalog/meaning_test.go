package catalog

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/florin-studio/florin/catalog/internal/form"
	"github.com/florin-studio/florin/token"
)

func load(t *testing.T, text string) *Catalog {
	t.Helper()
	c, err := Load("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestVersionIsOfTheMeaning(t *testing.T) {
	t.Parallel()
	text := string(DefaultYAML())
	same := map[string]string{
		"comments":       "# another comment\n" + strings.ReplaceAll(text, "# Who pays with what.", "# Plans."),
		"a default":      strings.Replace(text, "\nzone: UTC\n", "\n", 1),
		"number format":  strings.Replace(text, "month: 12.00", "month: 12", 1),
		"key order":      strings.Replace(text, "{pixels: 589824, multiplier: 1, max_images: 8}", "{max_images: 8, multiplier: 1, pixels: 589824}", 1),
		"quotes":         strings.Replace(text, "name: Unzoom", `name: "Unzoom"`, 1),
		"spacing":        strings.ReplaceAll(text, "\n\n", "\n\n\n"),
		"windows' lines": strings.ReplaceAll(text, "\n", "\r\n"),
		"examples":       strings.Replace(text, "  - {request: {operation: unzoom}, tokens: 5}\n", "", 1),
	}
	for name, other := range same {
		if other == text {
			t.Fatalf("%s: nothing was changed", name)
		}
		c := load(t, other)
		if c.Version() != Default().Version() {
			t.Errorf("%s changed the version", name)
		}
		if d := Diff(Default(), c); len(d) > 0 {
			t.Errorf("%s: %v", name, d)
		}
	}
	if Default().Rules().Version != Default().Version() || len(Default().Version()) != 16 {
		t.Errorf("version %q", Default().Version())
	}
}

// TestEachChangeIsSeen changes each field of the full catalog to another valid value
// and wants another version and a sentence about it.
func TestEachChangeIsSeen(t *testing.T) {
	t.Parallel()
	before := load(t, string(full(t)))
	seen := 0
	var change func(v reflect.Value, path string, after *Catalog)
	differs := func(path string, after *Catalog) {
		seen++
		if path == "DefaultPlan" {
			return // another plan's id has to be an existing one
		}
		after.version = version(&after.sheet)
		if after.version == before.version {
			t.Errorf("%s: the version stays", path)
		}
		changes := form.Changes(before.sheet, after.sheet, "examples")
		if len(changes) == 0 {
			t.Errorf("%s: no change is found", path)
		}
	}
	change = func(v reflect.Value, path string, after *Catalog) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).Name != "Examples" {
					change(v.Field(i), path+"."+v.Type().Field(i).Name, after)
				}
			}
		case reflect.Pointer:
			if !v.IsNil() {
				change(v.Elem(), path, after)
			}
		case reflect.Slice:
			for i := range v.Len() {
				change(v.Index(i), path, after)
			}
		case reflect.Map:
			for _, k := range v.MapKeys() {
				old := v.MapIndex(k)
				v.SetMapIndex(k, reflect.ValueOf(old.Int()+1))
				differs(path, after)
				v.SetMapIndex(k, old)
			}
		case reflect.Bool:
			v.SetBool(!v.Bool())
			differs(path, after)
			v.SetBool(!v.Bool())
		case reflect.String:
			old := v.String()
			v.SetString(old + "x")
			differs(path, after)
			v.SetString(old)
		default:
			v.SetInt(v.Int() + 1000)
			differs(path, after)
			v.SetInt(v.Int() - 1000)
		}
	}
	after := load(t, string(full(t)))
	change(reflect.ValueOf(&after.sheet).Elem(), "", after)
	if seen < 100 {
		t.Errorf("only %d fields were changed", seen)
	}
}

func TestPrintLoadsAsTheSame(t *testing.T) {
	t.Parallel()
	for _, c := range []*Catalog{Default(), load(t, string(full(t)))} {
		again := load(t, string(c.Print()))
		if again.Version() != c.Version() || len(form.Changes(c.sheet, again.sheet)) > 0 || !bytes.Equal(again.Print(), c.Print()) {
			t.Errorf("printed, it is another catalog:\n%s", c.Print())
		}
	}
}

func TestDiffInWords(t *testing.T) {
	t.Parallel()
	text := string(DefaultYAML())
	for _, c := range []struct{ old, new, sentence string }{
		{"month: 12.00", "month: 14.00", "Plan Apprentice: price a month goes from 12.00 to 14.00, for new payments. For people on Apprentice."},
		{"tokens: 8500, every: month", "tokens: 9000, every: month", "Plan Apprentice: allowance goes from 8500 to 9000, from the next one on. For people on Apprentice."},
		{"{1: 16, 4: 26}", "{1: 16, 4: 25}", "Alchemy V2: 2 images 20 → 19 tokens, 3 images 23 → 22 tokens, 4 images 26 → 25 tokens, 5 images 30 → 28 tokens, 6 images 33 → 31 tokens, 7 images 36 → 34 tokens, 8 images 40 → 37 tokens. For people on Apprentice, Artisan, Maestro."},
		{"name: Unzoom, tokens: 5", "name: Unzoom, tokens: 6", "Unzoom: 1 image 5 → 6 tokens. For everyone."},
		{"name: Unzoom, tokens: 5", "name: Unzoom, tokens: 5, premium: true", "Unzoom now needs a plan with premium features. For people on Apprentice, Artisan, Maestro."},
		{"  - {id: texture, name: Full 3D texture, tokens: 30, premium: true}\n", "", "Full 3D texture is gone. For everyone."},
		{"{flat: 8}", "{flat: 9}", "Add-on Prompt Magic V3: tokens, flat goes from 8 to 9. With Alchemy."},
		{"multiplier: 2.5", "multiplier: 3", "Sizes up to 2359296 pixels: multiplier goes from 2.5 to 3. For everyone."},
		{"gifts: {enabled: false", "gifts: {enabled: true", "Gifts: enabled goes from no to yes. For everyone."},
		{"tokens: 2500, enabled: false", "tokens: 2500, enabled: true", "Pack small: enabled goes from no to yes. For everyone."},
		{"zone: UTC", "zone: Europe/Rome", "Time zone goes from UTC to Europe/Rome. For everyone."},
		{"expires_in: 10m", "expires_in: 1h", "Time for which quotes bind goes from 10m to 1h. For everyone."},
		{"share: 10", "share: 20", "The relaxed lane's share of the engines in percent goes from 10 to 20. For everyone."},
	} {
		head, _, _ := strings.Cut(text, "examples:")
		if !strings.Contains(head, c.old) {
			t.Fatalf("the default catalog has no %q", c.old)
		}
		got := Diff(Default(), load(t, strings.Replace(head, c.old, c.new, 1)))
		if len(got) != 1 || got[0] != c.sentence {
			t.Errorf("%q:\n got %q\nwant %q", c.new, got, c.sentence)
		}
	}
}

func TestOverlay(t *testing.T) {
	t.Parallel()
	o, err := ParseOverlay("o.yaml", []byte("plans: [{id: apprentice, rollover: {cap: 1000}}, {id: gold, name: Gold, allowance: {tokens: 7, every: day}, limits: {pending: 1, parallel: 1}}]\npipelines: [{id: alchemy, tokens: {1: 9}}]\nquotes: {expires_in: 1h}\n"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := Default().With(o)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := c.Rules().Plan("apprentice")
	if p.RolloverCap != 1000 || p.Allowance != 8500 || len(c.Plans()) != 5 || c.Plans()[4].Weight != 1 || c.QuoteExpiry() != 3_600_000 {
		t.Errorf("%+v", c.Plans())
	}
	if price, err := c.Price(Request{Pipeline: "alchemy", Images: 2}, 0); err != nil || price.Tokens != 18 {
		t.Errorf("%+v, %v", price, err)
	}
	for text, says := range map[string]string{
		"plans: [{id: gold}]":                                   "o.yaml:1:9: plans[4].name: is missing",
		"plans: [{id: apprentice, rollover: {}}]":               "plans[1].rollover.cap: is missing",
		"plans: [{id: apprentice, weight: 0}]":                  "plans[1].weight",
		"plns: []":                                              "did you mean plans?",
		"plans: [{id: free, rollover: {cap: 10}}]":              "plans[0].rollover",
		"examples: [{request: {operation: unzoom}, tokens: 6}]": "examples[0].tokens",
	} {
		o, err := ParseOverlay("o.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Default().With(o); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
}

// TestSchemaFollowsTheStructs checks the full catalog against the schema with a small
// validator, and that a wrong one fails.
func TestSchemaFollowsTheStructs(t *testing.T) {
	t.Parallel()
	var schema map[string]any
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	for _, text := range [][]byte{full(t), DefaultYAML(), Default().Print()} {
		var tree any
		if err := yaml.Unmarshal(text, &tree); err != nil {
			t.Fatal(err)
		}
		if problem := against(schema, tree, ""); problem != "" {
			t.Error(problem)
		}
	}
	for _, wrong := range []map[string]any{
		{"surplus": 1, "plans": []any{}, "pipelines": []any{}}, {"pipelines": []any{}}, {"plans": 7, "pipelines": []any{}},
		{"plans": []any{}, "pipelines": []any{}, "on_upgrade": "always"},
	} {
		if against(schema, wrong, "") == "" {
			t.Errorf("%v fits the schema", wrong)
		}
	}
}

// against is the part of JSON Schema that the schema uses, but for patterns and bounds.
func against(schema map[string]any, value any, path string) string {
	kind := map[string]bool{}
	switch v := value.(type) {
	case map[string]any:
		kind["object"] = true
	case []any:
		kind["array"] = true
	case string:
		kind["string"] = true
	case bool:
		kind["boolean"] = true
	case float64:
		kind["number"] = true
	default:
		_ = v
		kind["integer"], kind["number"] = true, true
	}
	if want, ok := schema["type"].(string); ok && !kind[want] {
		return path + ": is not " + want
	}
	if enum, ok := schema["enum"].([]any); ok {
		for _, e := range enum {
			if e == value {
				return ""
			}
		}
		return path + ": is not in the list"
	}
	if list, ok := value.([]any); ok {
		for _, item := range list {
			if problem := against(schema["items"].(map[string]any), item, path+"[]"); problem != "" {
				return problem
			}
		}
	}
	object, ok := value.(map[string]any)
	if !ok {
		return ""
	}
	properties, _ := schema["properties"].(map[string]any)
	for key, item := range object {
		sub, ok := properties[key].(map[string]any)
		if !ok {
			if sub, ok = schema["additionalProperties"].(map[string]any); !ok {
				return path + "." + key + ": is not known"
			}
		}
		if problem := against(sub, item, path+"."+key); problem != "" {
			return problem
		}
	}
	required, _ := schema["required"].([]any)
	for _, r := range required {
		if _, ok := object[r.(string)]; !ok {
			return path + "." + r.(string) + ": is missing"
		}
	}
	return ""
}

func TestRulesOfTheDefaultCatalog(t *testing.T) {
	t.Parallel()
	r := Default().Rules()
	if r.Zone != "UTC" || r.Reset != 0 || r.Default != "free" || r.UpgradeFull || r.Owed != token.OwedRepay || r.Gifts.Enabled ||
		!reflect.DeepEqual(r.Order, token.DefaultOrder) || len(r.Packs) != 0 || len(r.Promos) != 0 {
		t.Errorf("%+v", r)
	}
	want := []token.Plan{
		{ID: "free", Name: "Free", Allowance: 150, Every: token.Day},
		{ID: "apprentice", Name: "Apprentice", Allowance: 8500, Every: token.Month, DailyFloor: 150, Topups: true},
		{ID: "artisan", Name: "Artisan", Allowance: 25000, Every: token.Month, DailyFloor: 150, Topups: true, Relaxed: true},
		{ID: "maestro", Name: "Maestro", Allowance: 60000, Every: token.Month, DailyFloor: 150, Topups: true, Relaxed: true},
	}
	if !reflect.DeepEqual(r.Plans, want) {
		t.Errorf("%+v", r.Plans)
	}
	for i, want := range []struct {
		month, year       Money
		pending, parallel int
		private, premium  bool
	}{{0, 0, 1, 1, false, false}, {1200, 12000, 5, 2, true, true}, {3000, 28800, 10, 3, true, true}, {6000, 57600, 20, 6, true, true}} {
		p := Default().Plans()[i]
		year := Money(0)
		if p.Price != nil {
			year = p.Price.Year
		}
		if p.MonthPrice() != want.month || year != want.year || p.Limits != (Limits{want.pending, want.parallel}) || p.Private != want.private || p.Premium != want.premium {
			t.Errorf("%+v", p)
		}
	}
	packs := Default().sheet.Packs
	if len(packs) != 3 || packs[0].Tokens != 2500 || packs[1].Tokens != 10000 || packs[2].Tokens != 30000 {
		t.Errorf("%+v", packs)
	}
	if Default().QuoteExpiry() != 600_000 || Default().RelaxedShare() != 10 || Default().KeyRetention() != 30*86_400_000 {
		t.Error("quotes, relaxed share or key retention")
	}
}
