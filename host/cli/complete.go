package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc/linker"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/plugins"
)

// completer completes one argument or the value of one flag.
type completer = func(cmd *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective)

// addCompletions lets the shell complete the values of flags that mean the same in every command. A command that wants
// another completion has registered it before.
func (c *Call) addCompletions(root *cobra.Command) {
	flags := map[string]completer{
		"workload":  fixed(workloadNames()...),
		"fee":       fixed(fees...),
		"kind":      fixed(kinds()...),
		"carrier":   fixed(linker.Carriers()...),
		"cells":     fixed("any", "starknet"),
		"scheduler": fixed(c.Plugins.IDs(plugin.Scheduler)...),
		"config":    files("yaml", "yml", "toml"),
		"set":       c.completeSet,
	}
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		each := func(f *pflag.Flag) {
			if complete, ok := flags[f.Name]; ok {
				_ = cmd.RegisterFlagCompletionFunc(f.Name, complete) // fails if there is one
			}
		}
		cmd.Flags().VisitAll(each)
		cmd.PersistentFlags().VisitAll(each)
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(root)
}

// fixed completes one of some words.
func fixed(words ...string) completer {
	return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
}

// files completes the names of files with one of the endings.
func files(endings ...string) completer {
	return cobra.FixedCompletions(endings, cobra.ShellCompDirectiveFilterFileExt)
}

// completePlugin completes the names of plugins of this program, and files.
func (c *Call) completePlugin(_ *cobra.Command, _ []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var all []cobra.Completion
	for _, f := range c.Plugins {
		if !strings.HasPrefix(f.Info.ID, toComplete) {
			continue
		}
		all = append(all, cobra.CompletionWithDesc(f.Info.ID, string(f.Info.Kind)+": "+f.Info.Summary))
	}
	return all, cobra.ShellCompDirectiveDefault
}

// completeOwnSet completes KEY=VALUE for the settings of the plugin that the command names.
func (c *Call) completeOwnSet(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var all []cobra.Completion
	if len(args) > 0 {
		if f, err := plugins.Find(c.Plugins, args[0]); err == nil {
			for _, field := range plugin.Fields(f.Defaults()) {
				all = append(all, cobra.CompletionWithDesc(field.Key+"=", field.Doc))
			}
		}
	}
	return all, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// completeKey completes the keys of the configuration that the flags of the command make.
func (c *Call) completeKey(cmd *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return c.describedKeys(cmd, toComplete, ""), cobra.ShellCompDirectiveNoFileComp
}

// completeSet completes KEY=VALUE: first the key, then what it can be, where that is known.
func (c *Call) completeSet(cmd *cobra.Command, _ []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
	const dir = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	key, _, isValue := strings.Cut(toComplete, "=")
	if !isValue {
		return c.describedKeys(cmd, toComplete, "="), dir
	}
	var all []cobra.Completion
	for _, value := range c.valuesOf(key) {
		all = append(all, key+"="+value)
	}
	return all, cobra.ShellCompDirectiveNoFileComp
}

// describedKeys returns the keys that begin with a text, with what they are for. A configuration that is wrong so far has
// those of the defaults.
func (c *Call) describedKeys(cmd *cobra.Command, begin, suffix string) []cobra.Completion {
	files, _ := cmd.Flags().GetStringArray("config")
	set, _ := cmd.Flags().GetStringArray("set")
	set = slices.DeleteFunc(set, func(s string) bool { return !strings.Contains(s, "=") }) // not complete yet
	cfg, err := c.load(files, set)
	if err != nil {
		if cfg, err = c.load(nil, nil); err != nil {
			return nil
		}
	}
	var all []cobra.Completion
	for _, key := range cfg.Keys("") {
		if !strings.HasPrefix(key, begin) {
			continue
		}
		doc := ""
		if e, err := cfg.Explain(key); err == nil {
			doc = e.Doc
		}
		all = append(all, cobra.CompletionWithDesc(key+suffix, doc))
	}
	return all
}

// valuesOf returns what a key can be, as far as there are few possibilities.
func (c *Call) valuesOf(key string) []string {
	kind, name, _ := strings.Cut(key, ".")
	switch {
	case key == "workload.name":
		return workloadNames()
	case !slices.Contains(kinds(), kind):
		return nil
	case name == "use":
		return c.Plugins.IDs(plugin.Kind(kind))
	case name == "place":
		return []string{config.Builtin, config.Process, config.Shared("")}
	}
	var values []string
	for _, f := range c.Plugins {
		for _, field := range plugin.Fields(f.Defaults()) {
			if string(f.Info.Kind) == kind && "config."+field.Key == name {
				values = append(values, field.Enum...)
			}
		}
	}
	slices.Sort(values)
	return slices.Compact(values)
}
