package catalog_test

import (
	"fmt"

	"github.com/florin-studio/florin/catalog"
)

// A price is a sum of lines.
func ExampleCatalog_Price() {
	request := catalog.Request{Pipeline: "alchemy_v2", Images: 4, References: 3, Elements: 2}
	price, err := catalog.Default().Price(request, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, line := range price.Lines {
		fmt.Printf("%3d  %s\n", line.Tokens, line.Text)
	}
	fmt.Printf("%3d  tokens\n", price.Tokens)
	_, err = catalog.Default().Price(catalog.Request{Operation: "unzoom", Images: 2}, 0)
	fmt.Println(err)
	// Output:
	//  26  Alchemy V2, 4 images
	//   4  Image guidance, 3 references
	//   0  Elements, 2 elements
	//  30  tokens
	// not_applicable: images "2" (allowed: 1 with Unzoom)
}

// A plan has a feature, or the cheapest one that has it is named.
func ExampleCatalog_Allow() {
	refusal := catalog.Default().Allow(catalog.Request{Pipeline: "alchemy"}, "free")
	fmt.Println(refusal.Reason, refusal.Feature, refusal.Plans)
	fmt.Println(catalog.Default().Allow(catalog.Request{Pipeline: "alchemy"}, "artisan"))
	// Output:
	// plan_required alchemy [apprentice]
	// <nil>
}

// All faults of a file come at once, each with its place.
func ExampleLoad() {
	_, err := catalog.Load("prices.yaml", []byte(`
plans:
  - {id: free, name: Free, allowance: {tokens: 150, every: week}, limits: {pending: 1, parallel: 1}}
pipelines:
  - {id: plain, name: Plain, tokens: {1: 1}, premuim: true}
`))
	fmt.Println(err)
	// Output:
	// prices.yaml:3:60: plans[0].allowance.every: "week" is not valid; allowed: day, month
	//     3 |   - {id: free, name: Free, allowance: {tokens: 150, every: week}, limits: {pending: 1, parallel: 1}}
	//       |                                                            ^
	// prices.yaml:5:46: pipelines[0].premuim: is an unknown key, did you mean premium?; allowed: id, name, description, tokens, premium, relaxed, max_images, addons
	//     5 |   - {id: plain, name: Plain, tokens: {1: 1}, premuim: true}
	//       |                                              ^
}
