package analyze_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/host/analyze"
)

// watch notes the first error of the page.
const watch = `<script>addEventListener("error", (e) => document.documentElement.setAttribute("data-error", e.message));</script>`

// visit clicks its way through the page and notes what it sees.
const visit = `<script>{
  const note = (k, v) => document.documentElement.setAttribute("data-" + k, v);
  const click = (e) => e.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  note("bars", document.querySelectorAll(".bar").length);
  note("aborted", document.querySelectorAll(".bar.aborted").length);
  note("arrows", document.querySelectorAll(".flow").length);
  note("nodes", document.querySelectorAll(".node").length);
  note("lines", document.querySelectorAll("#scaling polyline.line").length);
  note("wide", document.documentElement.scrollWidth > innerWidth);
  click(document.querySelector(".bar.aborted"));
  note("details", document.getElementById("details").textContent);
  note("picked", document.querySelectorAll(".bar.picked").length);
  click(document.querySelectorAll("#aborts tr.go")[1]);
  note("moved", state.to - state.from < reports[0].wall_us);
  click(document.getElementById("fit"));
  note("fitted", state.to - state.from === Math.max(...reports.map((r) => r.wall_us)));
  click(document.querySelector(".node.critical"));
  note("node", document.querySelectorAll(".node.picked").length);
  const before = document.getElementById("verdict").textContent;
  click(document.querySelectorAll("#tabs button")[1]);
  note("tab", document.getElementById("verdict").textContent !== before);
  note("done", true);
}</script>`

// TestBrowserPage opens the page of two reports in Chromium, at two widths, and clicks.
func TestBrowserPage(t *testing.T) {
	browser := os.Getenv("SWITCHYARD_BROWSER")
	if browser == "" {
		t.Skip("SKIP: SWITCHYARD_BROWSER names no browser")
	}
	var page bytes.Buffer
	if err := analyze.WriteHTML(&page, reports(t)); err != nil {
		t.Fatal(err)
	}
	html := strings.Replace(page.String(), "<head>", "<head>"+watch, 1)
	html = strings.Replace(html, "</body>", visit+"</body>", 1)
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(html), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, width := range []int{1400, 520} {
		t.Run(fmt.Sprintf("width=%d", width), func(t *testing.T) {
			seen := open(t, browser, file, width)
			want := map[string]string{
				"done": "true", "wide": "false", "moved": "true", "fitted": "true", "tab": "true", "node": "1", "lines": "5",
			}
			for k, v := range want {
				if seen[k] != v {
					t.Errorf("%s is %q, want %q", k, seen[k], v)
				}
			}
			for _, k := range []string{"bars", "aborted", "arrows", "nodes", "picked"} {
				if seen[k] == "0" || seen[k] == "" {
					t.Errorf("no %s", k)
				}
			}
			if d := seen["details"]; !strings.Contains(d, "given up: value changed") || !strings.Contains(d, "read slot") {
				t.Errorf("the details of an aborted attempt say %q", d)
			}
			if seen["error"] != "" {
				t.Errorf("the page has an error: %s", seen["error"])
			}
		})
	}
}

// open returns the data- attributes of the page after it was visited.
func open(t *testing.T, browser, file string, width int) map[string]string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, browser,
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(), fmt.Sprintf("--window-size=%d,900", width),
		"--dump-dom", "file://"+file)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	dom, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, complaints.String())
	}
	root := regexp.MustCompile(`<html[^>]*>`).Find(dom)
	seen := map[string]string{}
	for _, m := range regexp.MustCompile(`data-(\w+)="([^"]*)"`).FindAllStringSubmatch(string(root), -1) {
		seen[m[1]] = m[2]
	}
	return seen
}
