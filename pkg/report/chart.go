package report

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// chart draws lines in an SVG that grows with its place. Colours and fonts come from
// the page's style sheet; all text passes template.HTMLEscapeString.
type chart struct {
	title, x, y    string // what it is, for those who do not see it, and its axes
	x0, x1, y0, y1 float64
	percentX       bool
	percentY       bool
	body           strings.Builder
	legend         []string
}

// The drawing's size and its margins, in its own units.
const (
	chartW, chartH           = 480.0, 300.0
	left, right, top, bottom = 52.0, 12.0, 10.0, 40.0
)

func (c *chart) px(x float64) float64 { return left + (x-c.x0)/(c.x1-c.x0)*(chartW-left-right) }
func (c *chart) py(y float64) float64 {
	return chartH - bottom - (y-c.y0)/(c.y1-c.y0)*(chartH-top-bottom)
}

// line adds a line of a class of the style sheet ("a", "b" …) with its name in
// the legend, "" for none. NaN breaks it.
func (c *chart) line(class, name string, xs, ys []float64) {
	var d strings.Builder
	pen := "M"
	for i := range xs {
		if math.IsNaN(ys[i]) {
			pen = "M"
			continue
		}
		fmt.Fprintf(&d, "%s%.1f %.1f", pen, c.px(xs[i]), c.py(ys[i]))
		pen = "L"
	}
	fmt.Fprintf(&c.body, `<path class="line %s" d="%s"/>`, class, d.String())
	if len(xs) == 1 {
		fmt.Fprintf(&c.body, `<circle class="dot %s" cx="%.1f" cy="%.1f" r="3.5"/>`, class, c.px(xs[0]), c.py(ys[0]))
	}
	if name != "" {
		c.legend = append(c.legend, fmt.Sprintf(`<span class="key %s">%s</span>`, class, template.HTMLEscapeString(name)))
	}
}

// html returns the figure.
func (c *chart) html() template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<figure class="chart"><svg viewBox="0 0 %g %g" role="img" aria-label="%s">`, chartW, chartH, template.HTMLEscapeString(c.title))
	for _, v := range ticks(c.y0, c.y1) {
		y := c.py(v)
		fmt.Fprintf(&b, `<line class="grid" x1="%g" x2="%g" y1="%.1f" y2="%.1f"/><text class="tick end" x="%g" y="%.1f">%s</text>`, left, chartW-right, y, y, left-7, y+4, tick(v, c.percentY))
	}
	for _, v := range ticks(c.x0, c.x1) {
		x := c.px(v)
		fmt.Fprintf(&b, `<line class="grid" x1="%.1f" x2="%.1f" y1="%g" y2="%g"/><text class="tick mid" x="%.1f" y="%g">%s</text>`, x, x, top, chartH-bottom, x, chartH-bottom+17, tick(v, c.percentX))
	}
	fmt.Fprintf(&b, `<text class="axis mid" x="%g" y="%g">%s</text>`, (left+chartW-right)/2, chartH-4, template.HTMLEscapeString(c.x))
	fmt.Fprintf(&b, `<text class="axis mid" transform="translate(12 %g) rotate(-90)">%s</text>`, (top+chartH-bottom)/2, template.HTMLEscapeString(c.y))
	b.WriteString(c.body.String())
	b.WriteString(`</svg>`)
	if len(c.legend) > 0 {
		b.WriteString(`<figcaption>` + strings.Join(c.legend, " ") + `</figcaption>`)
	}
	b.WriteString(`</figure>`)
	return template.HTML(b.String())
}

// ticks returns 3 to 7 round numbers from lo to hi.
func ticks(lo, hi float64) []float64 {
	step := math.Pow(10, math.Floor(math.Log10((hi-lo)/3)))
	for _, m := range []float64{5, 2} {
		if (hi-lo)/(step*m) >= 3 {
			step *= m
			break
		}
	}
	var ts []float64
	for k := math.Ceil(lo/step - 1e-9); k*step <= hi+1e-9*step; k++ {
		ts = append(ts, k*step+0) // and not −0
	}
	return ts
}

func tick(v float64, percent bool) string {
	if percent {
		return strconv.FormatFloat(math.Round(1e4*v)/100, 'g', -1, 64) + "%"
	}
	return strconv.FormatFloat(math.Round(1e6*v)/1e6, 'g', -1, 64)
}
