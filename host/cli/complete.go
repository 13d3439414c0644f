package cli

import (
	"github.com/spf13/cobra"
)

// completePlugin completes the names of plugins of this program, and files.
func (c *Call) completePlugin(_ *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var all []cobra.Completion
	for _, f := range c.Plugins {
		all = append(all, cobra.CompletionWithDesc(f.Info.ID, string(f.Info.Kind)+": "+f.Info.Summary))
	}
	return all, cobra.ShellCompDirectiveDefault
}
