package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/host/scaffold"
)

func newPluginsNew() *cobra.Command {
	var spec scaffold.Spec
	dir := ""
	cmd := &cobra.Command{
		Use:   "new scheduler|vm|store NAME",
		Short: "Begin a plugin of your own",
		Long: `New makes a Go module with a plugin that builds, passes the conformance suite of its kind, and is small enough to be read
before it is changed: its README says what to do with it. The module refers to a checkout of Switchyard on this machine.`,
		Example: `  switchyard plugins new scheduler mine --dir ../mine
  switchyard plugins new store shelf --module example.com/me/shelf --switchyard ~/src/switchyard`,
		Args: arguments(func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("say what it is and name it: plugins new scheduler|vm|store NAME")
			}
			return nil
		}),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return kinds(), cobra.ShellCompDirectiveNoFileComp
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "the folder to make (default ./NAME)")
	cmd.Flags().StringVar(&spec.Module, "module", "", "`PATH` of the Go module (default example.com/NAME)")
	cmd.Flags().StringVar(&spec.Switchyard, "switchyard", "", "`FOLDER` of a checkout of Switchyard (default this folder, or switchyard in it or beside it)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		spec.Kind, spec.Name = plugin.Kind(args[0]), args[1]
		if dir == "" {
			dir = spec.Name
		}
		if spec.Switchyard == "" {
			spec.Switchyard = findCheckout()
		}
		made, err := scaffold.Write(dir, spec)
		if err != nil {
			return misuse(err)
		}
		out := cmd.OutOrStdout()
		for _, f := range made {
			fmt.Fprintln(out, f)
		}
		fmt.Fprintf(out, "\nNext:\n  cd %s\n  go mod tidy\n  go test ./...\nThen read README.md.\n", dir)
		return nil
	}
	return cmd
}

func kinds() []string {
	var all []string
	for _, k := range plugin.Kinds() {
		all = append(all, string(k))
	}
	return all
}

// findCheckout returns where a checkout of Switchyard is likely to be.
func findCheckout() string {
	for _, dir := range []string{".", "switchyard", "../switchyard"} {
		if _, err := os.Stat(filepath.Join(dir, "framework", "scheduler.go")); err == nil {
			return dir
		}
	}
	return "../switchyard"
}
