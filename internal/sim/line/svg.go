package line

import (
	"bytes"
	"fmt"
	"html"
	"math"
)

const (
	plotWidth, plotHeight = 720, 420
	plotLeft, plotRight   = 64, 176
	plotTop, plotBottom   = 48, 56
	paper, ink, faint     = "#fbfaf7", "#1a1917", "#d9d5cc"
	gold                  = "#b8860b"
)

// SVG draws, for each plan and lane, which part of the jobs had started after how long.
// Relaxed lines are dashed; the last plan, which pays most, is golden.
func (r *Report) SVG() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="Inter, system-ui, sans-serif" font-size="12" fill="%s">`, plotWidth, plotHeight, ink)
	fmt.Fprintf(&b, `<title>Waiting times by plan and lane</title><rect width="%d" height="%d" fill="%s"/>`, plotWidth, plotHeight, paper)
	fmt.Fprintf(&b, `<text x="%d" y="26" font-size="15" font-weight="600">Jobs that have started after a time</text>`, plotLeft)
	var longest int64 = 1000
	for _, s := range r.Waits {
		longest = max(longest, s.Max)
	}
	decades := math.Max(math.Ceil(math.Log10(float64(longest)/1000)), 1)
	x := func(ms int64) float64 { // logarithmic from a tenth of a second
		at := (math.Log10(math.Max(float64(ms)/1000, 0.1)) + 1) / (decades + 1)
		return plotLeft + at*(plotWidth-plotLeft-plotRight)
	}
	y := func(part float64) float64 { return plotTop + (1-part)*(plotHeight-plotTop-plotBottom) }
	r.axes(&b, x, y, int(decades))
	greys := []string{"#b3ada0", "#7d786e", "#33312d", "#5f5b53"}
	plans := 0
	for n, s := range r.Waits {
		if n > 0 && r.Waits[n-1].Plan != s.Plan {
			plans++
		}
		colour, dash, width := greys[plans%len(greys)], "", 1.5
		if s.Plan == r.Waits[len(r.Waits)-1].Plan {
			colour, width = gold, 2.5
		}
		if s.Lane == "relaxed" {
			dash = ` stroke-dasharray="5 4"`
		}
		fmt.Fprintf(&b, `<polyline fill="none" stroke="%s" stroke-width="%v" stroke-linejoin="round"%s points="`, colour, width, dash)
		for p := 0; p <= 100; p++ {
			fmt.Fprintf(&b, "%.1f,%.1f ", x(s.quantile(p)), y(float64(p)/100))
		}
		at := plotTop + 12 + 20*n
		left := plotWidth - plotRight + 16
		fmt.Fprintf(&b, `"/><line x1="%d" y1="%d" x2="%d" y2="%d" stroke="%s" stroke-width="%v"%s/>`, left, at-4, left+22, at-4, colour, width, dash)
		fmt.Fprintf(&b, `<text x="%d" y="%d">%s, %s</text>`, left+30, at, html.EscapeString(s.Plan), s.Lane)
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func (r *Report) axes(b *bytes.Buffer, x func(int64) float64, y func(float64) float64, decades int) {
	for p := 0; p <= 100; p += 25 {
		at := y(float64(p) / 100)
		fmt.Fprintf(b, `<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" stroke="%s"/><text x="%d" y="%.1f" text-anchor="end">%d %%</text>`,
			plotLeft, at, plotWidth-plotRight, at, faint, plotLeft-8, at+4, p)
	}
	for d := -1; d <= decades; d++ {
		s := math.Pow10(d)
		at := x(int64(s * 1000))
		fmt.Fprintf(b, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="%s"/><text x="%.1f" y="%d" text-anchor="middle">%g s</text>`,
			at, plotTop, at, plotHeight-plotBottom, faint, at, plotHeight-plotBottom+18, s)
	}
	fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="middle">waiting time</text>`, (plotLeft+plotWidth-plotRight)/2, plotHeight-14)
}
