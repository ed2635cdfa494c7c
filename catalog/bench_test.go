package catalog

import "testing"

func BenchmarkPrice(b *testing.B) {
	for _, c := range []struct {
		name string
		req  Request
	}{
		{"plain", Request{Pipeline: "default", Images: 4}},
		{"alchemy", Request{Pipeline: "alchemy_v2", Images: 4, References: 3, Elements: 2}},
		{"everything", Request{Pipeline: "alchemy", Images: 3, Width: 1024, Height: 768, Steps: 50, References: 3, Elements: 2, PromptMagic: "v3"}},
		{"operation", Request{Operation: "unzoom"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			catalog := Default()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := catalog.Price(c.req, 1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := Load("default.yaml", defaultYAML); err != nil {
			b.Fatal(err)
		}
	}
}
