package repo

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	note        = regexp.MustCompile(`\b(` + "TO" + `DO|` + "FIX" + `ME)\b`)
	commentSign = regexp.MustCompile(`(#|//|/\*)`)
)

// Notes finds notes to oneself in comments. A limit is stated in the doc comment, in a sentence.
func Notes(t *Tree) []Finding {
	var found []Finding
	add := func(f *File, line int, text string) {
		if m := note.FindString(text); m != "" {
			found = append(found, Finding{f.Path, line, m + " in a comment: state the limit, or do it"})
		}
	}
	for _, f := range t.Files {
		switch {
		case f.Generated || strings.Contains("/"+f.Path, "/testdata/"):
		case f.Go != nil:
			for _, group := range f.Go.Comments {
				for _, c := range group.List {
					add(f, t.fset.Position(c.Pos()).Line, c.Text)
				}
			}
		case slices.Contains([]string{"", ".proto", ".py", ".sh", ".yaml", ".yml"}, path.Ext(path.Base(f.Path))):
			for i, line := range strings.Split(string(f.Text), "\n") {
				if at := commentSign.FindStringIndex(line); at != nil {
					add(f, i+1, line[at[0]:])
				}
			}
		}
	}
	return found
}

// Written in pieces, so that this file does not break its own rule.
var private = []struct {
	what    string
	pattern *regexp.Regexp
}{
	{"path of one machine", regexp.MustCompile(`(?:^|[^\w.$}/-])(/(?:work|root|home/\w+|Users/\w+)/[\w.-]*)`)},
	{"host of a package registry", regexp.MustCompile(`\b(` + strings.Join([]string{
		"(?:proxy|sum)" + `\.golang\.org`, "deb" + `\.debian\.org`, "(?:archive|security)" + `\.ubuntu\.com`,
		"registry" + `\.npmjs\.org`, "(?:files" + `\.pythonhosted|pypi)\.org`, "(?:index|static)" + `\.crates\.io`,
		"repo1?" + `\.maven\.(?:apache\.)?org`,
	}, "|") + `)\b`)},
}

// Private finds what holds on one machine or network only: paths of home and work folders, hosts of registries.
func Private(t *Tree) []Finding {
	var found []Finding
	for _, f := range t.Files {
		for i, line := range strings.Split(string(f.Text), "\n") {
			for _, p := range private {
				if m := p.pattern.FindStringSubmatch(line); m != nil {
					found = append(found, Finding{f.Path, i + 1, p.what + ": " + m[1]})
				}
			}
		}
	}
	return found
}

var (
	link = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	span = regexp.MustCompile("`[^`]*`")
)

// Links finds links of Markdown files to files that are not there.
func Links(t *Tree) []Finding {
	var found []Finding
	for _, f := range t.Files {
		if path.Ext(f.Path) != ".md" {
			continue
		}
		fenced := false
		for i, line := range strings.Split(string(f.Text), "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), "```") {
				fenced = !fenced
			}
			if fenced {
				continue
			}
			for _, m := range link.FindAllStringSubmatch(span.ReplaceAllString(line, ""), -1) {
				target, _, _ := strings.Cut(m[1], "#")
				if target == "" || strings.Contains(target, ":") {
					continue // in this page, or on the web
				}
				if !t.has(path.Join(path.Dir(f.Path), target)) {
					found = append(found, Finding{f.Path, i + 1, "broken link: " + m[1]})
				}
			}
		}
	}
	return found
}

// has reports whether there is a file or folder at p.
func (t *Tree) has(p string) bool {
	return p == "." || slices.ContainsFunc(t.Files, func(f *File) bool { return below(f.Path, p) })
}

var target = regexp.MustCompile(`^([a-zA-Z][\w-]*)\s*:([^=]|$)`)

// Targets finds targets of the Makefile that make does not list, for want of a ## comment.
func Targets(t *Tree) []Finding {
	f := t.file("Makefile")
	if f == nil {
		return []Finding{{Path: "Makefile", What: "missing"}}
	}
	var found []Finding
	for i, line := range strings.Split(string(f.Text), "\n") {
		if m := target.FindStringSubmatch(line); m != nil && !strings.Contains(line, " ## ") {
			found = append(found, Finding{f.Path, i + 1, "target " + m[1] + " has no ## comment"})
		}
	}
	return found
}

// Examples finds example configurations that no page and no test names: by their path below examples, or in the same
// folder by their name alone.
func Examples(t *Tree) []Finding {
	var found []Finding
	for _, example := range t.Files {
		if ext := path.Ext(example.Path); !below(example.Path, "examples") || ext != ".yaml" && ext != ".yml" {
			continue
		}
		named := slices.ContainsFunc(t.Files, func(f *File) bool {
			name := strings.TrimPrefix(example.Path, "examples/")
			if path.Dir(f.Path) == path.Dir(example.Path) {
				name = path.Base(name)
			}
			return (f.Test || slices.Contains([]string{".md", ".txtar", ".txt"}, path.Ext(f.Path))) &&
				strings.Contains(string(f.Text), name)
		})
		if !named {
			found = append(found, Finding{Path: example.Path, What: "no page and no test names this example"})
		}
	}
	return found
}

var unreleased = regexp.MustCompile(`(?m)^## \[?Unreleased\]?`)

// Changelog finds a CHANGELOG.md that has no section for what comes next.
func Changelog(t *Tree) []Finding {
	f := t.file("CHANGELOG.md")
	if f == nil || unreleased.Match(f.Text) {
		return nil
	}
	return []Finding{{Path: f.Path, What: fmt.Sprintf("no section %q", "## Unreleased")}}
}
