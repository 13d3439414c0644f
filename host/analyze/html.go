package analyze

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"io"
)

// The parts of the page.
var (
	//go:embed page/page.html
	pageHTML string
	//go:embed page/page.css
	pageCSS string
	//go:embed page/page.js
	pageJS string
	//go:embed page/chart.js
	chartJS string
	//go:embed page/graph.js
	graphJS string
)

// WriteHTML prints reports as one page that needs nothing else, and no network.
func WriteHTML(w io.Writer, reports []*Report) error {
	page, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return err
	}
	data, err := json.Marshal(reports) // escapes < and >, so it cannot end the element that holds it
	if err != nil {
		return err
	}
	title := "Blocks side by side"
	if len(reports) == 1 {
		title = reports[0].Title()
	}
	// What is marked as safe here is part of the program, or JSON.
	return page.Execute(w, map[string]any{
		"Title":  title,
		"Style":  template.CSS(pageCSS),                   //nolint:gosec // see above
		"Data":   template.JS(data),                       //nolint:gosec // see above
		"Script": template.JS(pageJS + chartJS + graphJS), //nolint:gosec // see above
	})
}
