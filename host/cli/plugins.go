package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/serve"
	"github.com/switchyard-dev/switchyard/host/plugins"
	"github.com/switchyard-dev/switchyard/host/report"
)

func newPlugins(c *Call) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plugins",
		Short: "List, describe, test, serve and scaffold plugins",
		Long: `A plugin is a scheduler, a VM or a store. Those of this program are named by their id; one of somebody else by the path
of its program, or of a unix socket at which it listens (serve.Main does with --listen PATH).`,
		Args: arguments(cobra.NoArgs),
	}
	cmd.AddCommand(newPluginsList(c), newPluginsDescribe(c), newPluginsSchema(c), newPluginsTest(c), newPluginsServe(c), newPluginsNew())
	return cmd
}

// pluginRow is one plugin that a configuration can name.
type pluginRow struct {
	Kind      string           `json:"kind"`
	Use       string           `json:"use"`
	Version   string           `json:"version"`
	Stability plugin.Stability `json:"stability"`
	Summary   string           `json:"summary"`
}

func newPluginsList(c *Call) *cobra.Command {
	format := "text"
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the plugins of this program",
		Example: `  switchyard plugins list
  switchyard plugins list --format json`,
		Args: arguments(cobra.NoArgs),
	}
	formatFlag(cmd, &format, report.Text, report.JSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		f, err := report.ParseFormat(format, report.Text, report.JSON)
		if err != nil {
			return misuse(err)
		}
		rows := make([]pluginRow, len(c.Plugins))
		for i, p := range c.Plugins {
			rows[i] = pluginRow{string(p.Info.Kind), p.Info.ID, p.Info.Version, p.Info.Stability, p.Info.Summary}
		}
		kind := func(r pluginRow) int { return slices.Index(plugin.Kinds(), plugin.Kind(r.Kind)) }
		slices.SortFunc(rows, func(a, b pluginRow) int {
			return cmp.Or(cmp.Compare(kind(a), kind(b)), cmp.Compare(a.Use, b.Use))
		})
		rep := report.Report{Command: "plugins list", Env: report.Here(), Rows: rows}
		return rep.Write(cmd.OutOrStdout(), f)
	}
	return cmd
}

// targetFlags say how a plugin that is named on the command line is started.
type targetFlags struct {
	timeout time.Duration
	logs    bool
}

func (t *targetFlags) add(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&t.timeout, "timeout", 10*time.Second, "how long its process may take to start")
	cmd.Flags().BoolVar(&t.logs, "log", false, "show what the plugin logs")
}

// logger returns where the log of a plugin goes.
func (t *targetFlags) logger(w io.Writer) *slog.Logger {
	if !t.logs {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// describe resolves a name and asks who it is.
func (t *targetFlags) describe(cmd *cobra.Command, c *Call, name string) ([]plugins.Description, error) {
	target, err := plugins.Resolve(c.Plugins, name)
	if err != nil {
		return nil, misuse(err)
	}
	all, err := target.Describe(cmd.Context(), t.timeout, t.logger(cmd.ErrOrStderr()))
	return all, misuse(err)
}

func newPluginsDescribe(c *Call) *cobra.Command {
	format := "text"
	var how targetFlags
	cmd := &cobra.Command{
		Use:   "describe NAME|PROGRAM|SOCKET",
		Short: "Say who a plugin is, what it can do, and how it is configured",
		Example: `  switchyard plugins describe blockstm
  switchyard plugins describe ./my-scheduler --format json`,
		Args:              arguments(one("a plugin: its id, or the path of its program")),
		ValidArgsFunction: c.completePlugin,
	}
	how.add(cmd)
	formatFlag(cmd, &format, report.Text, report.JSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		f, err := report.ParseFormat(format, report.Text, report.JSON)
		if err != nil {
			return misuse(err)
		}
		all, err := how.describe(cmd, c, args[0])
		if err != nil {
			return err
		}
		if f == report.JSON {
			return writeJSON(cmd.OutOrStdout(), map[string]any{"command": "plugins describe", "env": report.Here(), "rows": all})
		}
		for i, d := range all {
			if i > 0 {
				fmt.Fprintln(cmd.OutOrStdout())
			}
			describePlugin(cmd.OutOrStdout(), d)
		}
		return nil
	}
	return cmd
}

// describePlugin prints a description for people.
func describePlugin(w io.Writer, d plugins.Description) {
	fmt.Fprintf(w, "%v %s: %s\n", d.Info, cmp.Or(d.Version, "of no version"), cmp.Or(d.Summary, "it does not say what it is for"))
	line := func(label, text string) {
		if text != "" {
			fmt.Fprintf(w, "  %-10s %s\n", label, text)
		}
	}
	line("stability", string(d.Stability))
	line("contract", fmt.Sprintf("%s %v", d.Kind, d.API))
	line("features", strings.Join(d.Features, ", "))
	line("carriers", strings.Join(d.Carriers, ", "))
	if len(d.Keys) == 0 {
		fmt.Fprintln(w, "\nIt has no settings.")
		return
	}
	fmt.Fprintf(w, "\nSettings, below %s.config:\n", d.Kind)
	for _, k := range d.Keys {
		fmt.Fprintf(w, "\n  %s  %s\n", k.Key, strings.Join(aboutKey(k), ", "))
		for _, l := range wrap(k.Doc, 100) {
			fmt.Fprintf(w, "      %s\n", l)
		}
	}
}

// aboutKey returns what is known of a key besides its purpose.
func aboutKey(k plugins.Key) []string {
	about := []string{k.Type}
	if len(k.Values) > 0 {
		about[0] = "one of " + strings.Join(texts(k.Values), ", ")
	}
	if k.Default != nil {
		about = append(about, "default "+text(k.Default))
	}
	if k.Unit != "" {
		about = append(about, "in "+k.Unit)
	}
	if k.Secret {
		about = append(about, "secret")
	}
	return about
}

func texts(values []any) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = text(v)
	}
	return all
}

// text returns a value as JSON writes it.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// wrap breaks a text into lines.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

func newPluginsSchema(c *Call) *cobra.Command {
	var how targetFlags
	which := ""
	cmd := &cobra.Command{
		Use:   "schema NAME|PROGRAM|SOCKET",
		Short: "Print the JSON Schema of a plugin's settings, for editors",
		Example: `  switchyard plugins schema memory
  switchyard plugins schema ./my-plugins --plugin store.mine`,
		Args:              arguments(one("a plugin: its id, or the path of its program")),
		ValidArgsFunction: c.completePlugin,
	}
	how.add(cmd)
	pluginFlag(cmd, &which)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		all, err := how.describe(cmd, c, args[0])
		if err != nil {
			return err
		}
		d, err := choose(all, which)
		if err != nil {
			return misuse(err)
		}
		return writeJSON(cmd.OutOrStdout(), d.Schema)
	}
	return cmd
}

func pluginFlag(cmd *cobra.Command, which *string) {
	cmd.Flags().StringVar(which, "plugin", "", "which plugin of a program that serves several: `KIND.ID`")
}

// choose returns the description that is meant: the only one, or that of a name.
func choose(all []plugins.Description, which string) (plugins.Description, error) {
	var known []string
	for _, d := range all {
		if which == d.Info.String() || which == "" && len(all) == 1 {
			return d, nil
		}
		known = append(known, d.Info.String())
	}
	if which == "" {
		return plugins.Description{}, fmt.Errorf("which of its plugins? Name one with --plugin: %s", strings.Join(known, ", "))
	}
	return plugins.Description{}, fmt.Errorf("it has no plugin %q, there is %s", which, strings.Join(known, ", "))
}

func newPluginsServe(c *Call) *cobra.Command {
	socket := ""
	cmd := &cobra.Command{
		Use:   "serve [NAME...]",
		Short: "Be the process of plugins of this program, for a host or a debugger",
		Long: `Serve is what a host starts when a plugin of this program is placed in a process. Without a host it explains itself,
unless --listen gives it a unix socket to serve at until it is interrupted: so a plugin can run in a debugger, and be
tested at that address. Without names it serves all plugins.`,
		Example: `  switchyard plugins serve serial --listen /tmp/serial.sock
  switchyard plugins test /tmp/serial.sock`,
		ValidArgsFunction: c.completePlugin,
	}
	cmd.Flags().StringVar(&socket, "listen", "", "serve at this unix socket: `PATH`")
	cmd.RunE = func(_ *cobra.Command, names []string) error {
		serves := c.Plugins
		if len(names) > 0 {
			serves = nil
		}
		for _, name := range names {
			f, err := plugins.Find(c.Plugins, name)
			if err != nil {
				return misuse(err)
			}
			serves = append(serves, f)
		}
		var args []string
		if socket != "" {
			args = []string{"--listen", socket}
		}
		if status := serve.Run(args, serves...); status != Fine {
			return ended(status)
		}
		return nil
	}
	return cmd
}

// one wants one argument.
func one(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return fmt.Errorf("name %s", what)
		case len(args) > 1:
			return fmt.Errorf("%d arguments, want 1: name %s", len(args), what)
		}
		return nil
	}
}

// formatFlag declares --format.
func formatFlag(cmd *cobra.Command, format *string, allowed ...report.Format) {
	names := make([]string, len(allowed))
	for i, f := range allowed {
		names[i] = string(f)
	}
	usage := list(names)
	if slices.Contains(allowed, report.Go) {
		usage += " (the format of Go benchmarks)"
	}
	cmd.Flags().StringVar(format, "format", *format, "how results are printed: "+usage)
	_ = cmd.RegisterFlagCompletionFunc("format", fixed(names...)) // never fails: the flag is there
}

// writeJSON prints a value as JSON.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
