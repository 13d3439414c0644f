package cli

import (
	"cmp"
	"slices"

	"github.com/spf13/cobra"

	"github.com/switchyard-dev/switchyard/host/report"
)

// pluginRow is one plugin that a configuration can name.
type pluginRow struct {
	Kind    string `json:"kind"`
	Use     string `json:"use"`
	Version string `json:"version"`
	Summary string `json:"summary"`
}

func newPlugins(c *Call) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plugins",
		Short: "List the plugins that a configuration can name",
		Args:  arguments(cobra.NoArgs),
	}
	format := "text"
	list := &cobra.Command{
		Use:   "list",
		Short: "List the plugins of this program",
		Args:  arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, err := report.ParseFormat(format, report.Text, report.JSON)
			if err != nil {
				return misuse(err)
			}
			rows := make([]pluginRow, len(c.Plugins))
			for i, p := range c.Plugins {
				rows[i] = pluginRow{string(p.Info.Kind), p.Info.ID, p.Info.Version, p.Info.Summary}
			}
			slices.SortFunc(rows, func(a, b pluginRow) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Use, b.Use)) })
			rep := report.Report{Command: "plugins list", Env: report.Here(), Rows: rows}
			return rep.Write(cmd.OutOrStdout(), f)
		},
	}
	list.Flags().StringVar(&format, "format", format, "text or json")
	cmd.AddCommand(list)
	return cmd
}
