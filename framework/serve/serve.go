// Package serve is the main of a plugin's program: it makes the plugin a process that a host can start.
//
//	func main() { serve.Main(mine.Factory()) }
//
// The program then also describes itself: --describe prints who it is as JSON, --schema [KIND.ID] the JSON Schema of its
// configuration. With --listen PATH it serves on a unix socket until it is interrupted, so that it can run in a
// debugger; see rpc.Dial. Started by a person without any of these, it says what it is and exits with status 2.
//
// # What a plugin finds
//
// Standard output and standard error are the log, line by line; so is package log. log/slog writes JSON lines, whose
// level and fields the host keeps, from the level on that the host sets. SIGINT and SIGTERM are ignored while the host
// lives, since it decides when its plugins stop; without a host the process exits at once. A panic in a call of the
// plugin becomes a fault that names it; a panic in a goroutine of its own ends the process, and the host reports it.
package serve

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/internal/heap"
)

// Main serves the plugins to the host that started the program, and exits. A program may serve several kinds, and
// several plugins of a kind; the host may make several instances of each.
func Main(factories ...plugin.Factory) {
	heap.Relax()
	os.Exit(Run(os.Args[1:], factories...))
}

// Run is Main for a program that has other uses too: it is given the arguments without the program's name, and returns
// the status to exit with. It takes over the process: standard output, the default logger and signals.
func Run(args []string, factories ...plugin.Factory) int {
	p := &program{name: filepath.Base(os.Args[0]), plugins: factories, stdout: os.Stdout, stderr: os.Stderr}
	if os.Getenv(rpc.CookieEnv) == rpc.Cookie {
		return p.serve()
	}
	return p.tell(args)
}

// program is what this process is.
type program struct {
	name           string
	plugins        plugin.Catalog
	stdout, stderr io.Writer
}

// tell answers a person, or a tool, that started the program without a host.
func (p *program) tell(args []string) int {
	var err error
	switch {
	case len(args) == 1 && args[0] == "--describe":
		err = p.describe()
	case len(args) > 0 && len(args) <= 2 && args[0] == "--schema":
		err = p.schema(args[1:])
	case len(args) == 2 && args[0] == "--listen":
		err = p.listen(args[1])
	default:
		p.usage()
		return 2
	}
	if err != nil {
		fmt.Fprintf(p.stderr, "%s: %v\n", p.name, err)
		return 1
	}
	return 0
}

// describe prints what a host would be told.
func (p *program) describe() error {
	info := rpc.Info{Plugins: []plugin.Info{}}
	for _, f := range p.plugins {
		info.Plugins = append(info.Plugins, f.Info)
	}
	return p.print(info)
}

// schema prints the schema of the plugin that is named, or of the only one.
func (p *program) schema(names []string) error {
	var known []string
	for _, f := range p.plugins {
		if len(names) == 1 && names[0] == f.Info.String() || len(names) == 0 && len(p.plugins) == 1 {
			s := f.Schema()
			s["$schema"] = rpc.SchemaDialect
			return p.print(s)
		}
		known = append(known, f.Info.String())
	}
	if len(names) == 0 {
		return fmt.Errorf("the schema of which plugin? There is %v", known)
	}
	if s := plugin.Suggest(names[0], known); s != "" {
		return fmt.Errorf("no plugin %q, did you mean %q?", names[0], s)
	}
	return fmt.Errorf("no plugin %q, there is %v", names[0], known)
}

func (p *program) print(v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "%s\n", text)
	return err
}

// usage says what the program is to who started it by hand.
func (p *program) usage() {
	fmt.Fprintf(p.stderr, "%s is a plugin of Switchyard: a host starts it, it does nothing by itself. It serves\n\n", p.name)
	for _, f := range p.plugins {
		fmt.Fprintf(p.stderr, "  %-9s  %-12s %-8s %s\n", f.Info.Kind, f.Info.ID, f.Info.Version, f.Info.Summary)
	}
	fmt.Fprintf(p.stderr, "\nTo use it, put its path into a configuration:\n\n")
	for _, kind := range plugin.Kinds() {
		if len(p.plugins.IDs(kind)) > 0 {
			fmt.Fprintf(p.stderr, "  %s: { exec: ./%s }\n", kind, p.name)
		}
	}
	fmt.Fprintf(p.stderr, "\n  %s --describe            prints who it is, as JSON\n", p.name)
	fmt.Fprintf(p.stderr, "  %s --schema [KIND.ID]    prints the JSON Schema of its configuration\n", p.name)
	fmt.Fprintf(p.stderr, "  %s --listen PATH         serves on a unix socket, for a debugger: test it with its path\n", p.name)
}
