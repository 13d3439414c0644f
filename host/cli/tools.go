package cli

import (
	"errors"
	"flag"
	"strings"

	"github.com/spf13/cobra"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/host/report"
)

// groups says what the commands are for under which tools of plugins stand, where they are no commands themselves.
var groups = map[string]string{"vm": "Run programs on a VM, without a chain"}

// addTools adds the tools of plugins to the commands.
func addTools(root *cobra.Command, tools []plugin.Tool) {
	for i := range tools {
		at := root
		words := tools[i].Words
		for _, word := range words[:len(words)-1] {
			at = group(at, word)
		}
		at.AddCommand(newTool(&tools[i]))
	}
}

// group returns the command of that name below parent, which it makes if there is none.
func group(parent *cobra.Command, name string) *cobra.Command {
	for _, c := range parent.Commands() {
		if c.Name() == name {
			return c
		}
	}
	c := &cobra.Command{Use: name, Short: groups[name], Args: arguments(cobra.NoArgs)}
	parent.AddCommand(c)
	return c
}

func newTool(t *plugin.Tool) *cobra.Command {
	name := strings.TrimSpace(t.Words[len(t.Words)-1] + " " + t.Arguments)
	cmd := &cobra.Command{Use: name, Short: t.Summary, Long: t.Help, Example: t.Example}
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	run := t.New(flags)
	cmd.Flags().AddGoFlagSet(flags)
	format := string(report.Text)
	formats := []report.Format{report.Text, report.JSON}
	if t.Tables {
		formats = append(formats, report.Go)
	}
	formatFlag(cmd, &format, formats...)
	if t.Arguments == "" {
		cmd.Args = arguments(cobra.NoArgs)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		f, err := report.ParseFormat(format, formats...)
		if err != nil {
			return misuse(err)
		}
		out := cmd.OutOrStdout()
		call := &plugin.ToolCall{Args: args, Stdout: out, Stderr: cmd.ErrOrStderr(), JSON: f == report.JSON}
		call.Report = func(rows any, figures map[string]float64) error {
			rep := report.Report{Env: report.Here(), Run: figures, Rows: rows}
			if t.Tables {
				rep.Bench = t.Words[len(t.Words)-1]
			} else {
				rep.Command = strings.Join(t.Words, " ")
			}
			return rep.Write(out, f)
		}
		if err := run(cmd.Context(), call); errors.Is(err, plugin.ErrMisuse) {
			return misuse(err)
		} else if err != nil {
			return err
		}
		return nil
	}
	return cmd
}
