package planner_test

import (
	"strings"
	"testing"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/planner"
)

// large is 5,000 pictures over several wishes.
func large() planner.Project {
	return planner.Project{Name: "large", Wishes: []planner.Wish{
		{What: "sketches", Pipeline: "default", Pictures: 2000},
		{What: "prompted", Pipeline: "default", PromptMagic: "v2", Pictures: 1000, Width: 1024, Height: 768},
		{What: "cut-outs", Operation: "remove_background", Pictures: 700},
		{What: "wide", Operation: "unzoom", Pictures: 500, After: "cut-outs"},
		{What: "upscales", Operation: "upscale", Pictures: 800},
	}}
}

func BenchmarkPlan(b *testing.B) {
	start := moment(2026, time.March, 1, 9)
	premium := planner.Project{Wishes: []planner.Wish{
		{What: "shots", Pipeline: "alchemy_v2", Pictures: 4000, References: 2},
		{What: "magic", Pipeline: "alchemy", PromptMagic: "v3", Pictures: 500},
		{What: "textures", Operation: "texture", Pictures: 500},
	}}
	by := large()
	by.By = "2026-04-30"
	night := overlaid(b, `off_peak: [{id: night, name: Night, from: "22:00", until: "06:00", percent: 30}]
packs: [{id: small, enabled: true, price: {currency: USD, amount: 5.00}}, {id: large, enabled: true, price: {currency: USD, amount: 40.00}}]`)
	year := large()
	year.By = "2027-02-28"
	never := planner.Project{Wishes: []planner.Wish{{What: "wide", Pipeline: "default", Width: 1536, Height: 1536, Steps: 60, Pictures: 5000}}}
	for _, c := range []struct {
		name, plan string
		p          planner.Project
	}{
		{"free5000", "free", large()}, {"free5000by", "free", by}, {"apprentice5000", "apprentice", premium}, {"artisan5000", "artisan", premium},
		{"night5000", "free", large()}, {"nightYear5000", "free", year}, {"nightApprentice5000", "apprentice", premium}, {"wide5000", "free", never},
		{"small", "free", planner.Project{Wishes: []planner.Wish{{Operation: "unzoom", Pictures: 40}, {Pipeline: "default", Pictures: 50}}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			list := catalog.Default()
			if strings.HasPrefix(c.name, "night") {
				list = night
			}
			a := opened(b, list, c.plan, "Europe/Rome", start)
			for b.Loop() {
				if _, err := planner.Plan(list, a, c.p, start, planner.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
