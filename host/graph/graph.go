// Package graph draws an assembly as it runs: which plugin is in which process, and who talks to whom over what.
package graph

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/switchyard-dev/switchyard/framework/plugin"
)

// Host is the host as an end of a link.
const Host plugin.Kind = "host"

// call is how parts of one process talk.
const call = "call"

// Part is a plugin that fills a part.
type Part struct {
	Kind  plugin.Kind
	Info  plugin.Info
	Place string
	// PID and Path are the process and its program; 0 and empty for a part of the host.
	PID  int
	Path string

	// SHA256 is the checksum of the program. [Graph.Add] fills it in.
	SHA256 string
}

// Link is who uses what, and how. One over a socket admits processes of the user UID only.
type Link struct {
	From, To plugin.Kind
	Carrier  string
	Socket   string
	UID      int
}

// Graph is an assembly.
type Graph struct {
	Parts []Part
	Links []Link
}

// Add adds a part, with the checksum of the program that it is in.
func (g *Graph) Add(p Part) error {
	if p.PID == 0 {
		self, err := os.Executable()
		if err != nil {
			return err
		}
		p.PID, p.Path = os.Getpid(), self
	}
	f, err := os.Open(p.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return fmt.Errorf("checksum of %s: %w", p.Path, err)
	}
	p.SHA256 = hex.EncodeToString(h.Sum(nil))
	g.Parts = append(g.Parts, p)
	return nil
}

// Complete adds the links that are function calls between parts of the host, and puts all in order: those of the host
// first. The host uses every part; a scheduler uses the VM and the store.
func (g *Graph) Complete() {
	for _, p := range g.Parts {
		g.want(Host, p.Kind)
		if p.Kind != plugin.Scheduler && g.has(plugin.Scheduler) {
			g.want(plugin.Scheduler, p.Kind)
		}
	}
	order := append([]plugin.Kind{Host}, plugin.Kinds()...)
	slices.SortFunc(g.Links, func(a, b Link) int {
		return cmp.Or(
			cmp.Compare(slices.Index(order, a.From), slices.Index(order, b.From)),
			cmp.Compare(slices.Index(order, a.To), slices.Index(order, b.To)),
		)
	})
}

func (g *Graph) has(kind plugin.Kind) bool {
	return slices.ContainsFunc(g.Parts, func(p Part) bool { return p.Kind == kind })
}

// want adds a link if there is none. What a scheduler in the host uses, it uses as the host does.
func (g *Graph) want(from, to plugin.Kind) {
	if slices.ContainsFunc(g.Links, func(l Link) bool { return l.From == from && l.To == to }) {
		return
	}
	l := Link{From: from, To: to, Carrier: call}
	if i := slices.IndexFunc(g.Links, func(l Link) bool { return l.From == Host && l.To == to }); i >= 0 {
		l.Carrier, l.Socket, l.UID = g.Links[i].Carrier, g.Links[i].Socket, g.Links[i].UID
	}
	g.Links = append(g.Links, l)
}

// Text writes a line per part and a line per link.
func (g *Graph) Text(w io.Writer) error {
	var b strings.Builder
	for _, p := range g.Parts {
		fmt.Fprintf(&b, "%-10s %-10s %-8s api %-5s %-14s pid %-7d sha256 %s\n", p.Kind, p.Info.ID, p.Info.Version, p.Info.API, p.Place, p.PID, p.SHA256)
	}
	for _, l := range g.Links {
		fmt.Fprintf(&b, "%-10s -> %-10s %s\n", l.From, l.To, l.how())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// how says what a link is made of.
func (l Link) how() string {
	if l.Socket == "" {
		return l.Carrier
	}
	return fmt.Sprintf("%s %s uid %d", l.Carrier, l.Socket, l.UID)
}

// processes returns the parts by process, the host's first and the others in the order of their parts.
func (g *Graph) processes() [][]Part {
	var all [][]Part
	at := map[int]int{}
	for _, p := range g.Parts {
		i, ok := at[p.PID]
		if !ok {
			i = len(all)
			at[p.PID] = i
			all = append(all, nil)
		}
		all[i] = append(all[i], p)
	}
	slices.SortStableFunc(all, func(a, b []Part) int {
		return strings.Compare(strconv.FormatBool(b[0].PID == os.Getpid()), strconv.FormatBool(a[0].PID == os.Getpid()))
	})
	return all
}

// DOT writes the graph for Graphviz: a box per process.
func (g *Graph) DOT(w io.Writer) error {
	var b strings.Builder
	b.WriteString("digraph switchyard {\n\trankdir=LR; node [shape=box];\n\thost;\n")
	for i, parts := range g.processes() {
		fmt.Fprintf(&b, "\tsubgraph cluster_%d {\n\t\tlabel=%q;\n", i, "pid "+strconv.Itoa(parts[0].PID))
		for _, p := range parts {
			fmt.Fprintf(&b, "\t\t%q [label=%q];\n", p.Kind, p.label())
		}
		b.WriteString("\t}\n")
	}
	for _, l := range g.Links {
		fmt.Fprintf(&b, "\t%q -> %q [label=%q];\n", l.From, l.To, l.Carrier)
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// Mermaid writes the graph for Mermaid: a box per process.
func (g *Graph) Mermaid(w io.Writer) error {
	var b strings.Builder
	b.WriteString("flowchart LR\n  host([host])\n")
	for i, parts := range g.processes() {
		fmt.Fprintf(&b, "  subgraph p%d [\"pid %d\"]\n", i, parts[0].PID)
		for _, p := range parts {
			fmt.Fprintf(&b, "    %s[\"%s\"]\n", p.Kind, p.label())
		}
		b.WriteString("  end\n")
	}
	for _, l := range g.Links {
		fmt.Fprintf(&b, "  %s -->|%s| %s\n", l.From, l.Carrier, l.To)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (p Part) label() string { return fmt.Sprintf("%s %s %s", p.Kind, p.Info.ID, p.Info.Version) }
