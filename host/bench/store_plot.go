package bench

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
)

// The size of a panel of a plot, and of the margins around its axes.
const (
	panelWidth, panelHeight               = 440, 300
	marginLeft, marginRight               = 62, 16
	marginTop, marginBottom, legendHeight = 34, 40, 18
)

// Lines have the colour of their temperature and vector path.
var colours = []string{"#1f6fb4", "#d1642a", "#3a8f4d", "#8a4fa3", "#b8860b", "#555555"}

// series is a line of a plot.
type series struct {
	name   string
	points [][2]float64 // by ascending x
}

// PlotStore draws how the cost of a commit, and the memory that it takes, depend on the size of the state: an SVG with
// a panel for each.
func PlotStore(points []StorePoint) []byte {
	wall := seriesOf(points, func(p StorePoint) float64 { return p.Row.WallMs })
	memory := seriesOf(points, func(p StorePoint) float64 { return p.PeakMB })
	height := panelHeight + legendHeight*(len(wall)+1)
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">`+"\n",
		2*panelWidth, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="white"/>`+"\n", 2*panelWidth, height)
	plotPanel(&b, 0, "time of a commit, ms", wall)
	plotPanel(&b, panelWidth, "memory that it takes, MB", memory)
	for i, s := range wall {
		y := panelHeight + legendHeight*(i+1)
		fmt.Fprintf(&b, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="%s" stroke-width="3"/>`+"\n",
			marginLeft, y-4, marginLeft+28, y-4, colours[i%len(colours)])
		fmt.Fprintf(&b, `<text x="%d" y="%d">%s</text>`+"\n", marginLeft+36, y, s.name)
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// seriesOf returns a line for each case, temperature and path, in the order in which they first occur.
func seriesOf(points []StorePoint, y func(StorePoint) float64) []series {
	var all []series
	for _, p := range points {
		path := "vector"
		if !p.Row.Vector {
			path = "no vector"
		}
		name := fmt.Sprintf("%s, %s, %s", p.Case, p.Row.Temperature, path)
		i := slices.IndexFunc(all, func(s series) bool { return s.name == name })
		if i < 0 {
			i = len(all)
			all = append(all, series{name: name})
		}
		all[i].points = append(all[i].points, [2]float64{float64(p.Keys), y(p)})
	}
	for _, s := range all {
		slices.SortFunc(s.points, func(a, b [2]float64) int { return cmp.Compare(a[0], b[0]) })
	}
	return all
}

// plotPanel draws lines over a logarithmic axis of keys.
func plotPanel(b *bytes.Buffer, left int, title string, lines []series) {
	least, most, highest := math.Inf(1), 1.0, 0.0
	for _, s := range lines {
		for _, p := range s.points {
			least, most, highest = min(least, p[0]), max(most, p[0]), max(highest, p[1])
		}
	}
	low, high, step := math.Floor(math.Log10(min(least, most))), math.Ceil(math.Log10(most)+1e-9), niceStep(highest)
	top := step * max(1, math.Ceil(highest/step))
	x := func(v float64) float64 {
		return float64(left+marginLeft) + (math.Log10(v)-low)/(high-low)*(panelWidth-marginLeft-marginRight)
	}
	y := func(v float64) float64 {
		return panelHeight - marginBottom - v/top*(panelHeight-marginTop-marginBottom)
	}
	fmt.Fprintf(b, `<text x="%d" y="20" font-weight="bold">%s</text>`+"\n", left+marginLeft, title)
	for v := 0.0; v <= top+step/2; v += step {
		fmt.Fprintf(b, `<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" stroke="#ddd"/>`+"\n", left+marginLeft, y(v), left+panelWidth-marginRight, y(v))
		fmt.Fprintf(b, `<text x="%d" y="%.1f" text-anchor="end">%g</text>`+"\n", left+marginLeft-6, y(v)+4, v)
	}
	for e := low; e <= high; e++ {
		fmt.Fprintf(b, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", x(math.Pow(10, e)), panelHeight-marginBottom+18, sizeName(math.Pow(10, e)))
	}
	fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="middle">keys of the state</text>`+"\n",
		left+marginLeft+(panelWidth-marginLeft-marginRight)/2, panelHeight-marginBottom+34)
	for i, s := range lines {
		colour, path := colours[i%len(colours)], ""
		for _, p := range s.points {
			path += fmt.Sprintf("%.1f,%.1f ", x(p[0]), y(p[1]))
			fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="3.5" fill="%s"><title>%s, %s keys: %.0f</title></circle>`+"\n",
				x(p[0]), y(p[1]), colour, s.name, sizeName(p[0]), p[1])
		}
		fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", path, colour)
	}
}

// niceStep returns a round distance between the lines of an axis up to v.
func niceStep(v float64) float64 {
	if v <= 0 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, f := range []float64{0.2, 0.5, 1} {
		if v/(unit*f) <= 6 {
			return unit * f
		}
	}
	return 2 * unit
}

// sizeName returns a number as people say it.
func sizeName(n float64) string {
	switch {
	case n >= 1e6:
		return fmt.Sprintf("%gM", n/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%gk", n/1e3)
	}
	return fmt.Sprintf("%g", n)
}
