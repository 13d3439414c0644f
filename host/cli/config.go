package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/host/config"
)

// configFlags say where a configuration comes from.
type configFlags struct {
	files, set []string
}

func (f *configFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.files, "config", nil, "configuration `FILE` (default ./switchyard.yaml, if there is one); repeat to layer")
	flags.StringArrayVar(&f.set, "set", nil, "set one key of the configuration: `KEY=VALUE`")
}

// program says what a configuration is checked against.
func (c *Call) program() config.Program {
	return config.Program{Plugins: c.Plugins, Workload: &workload.Spec{}}
}

func newConfig(c *Call) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Print, check and explain the configuration",
		Long: `A configuration has layers: the defaults, then the files, then the environment (SWITCHYARD_STORE__PLACE=process sets
store.place), then --set. Later layers win; a layer that changes the plugin of a part drops the settings that the
layers below it had for the old one.`,
		Args: arguments(cobra.NoArgs),
	}
	var from configFlags
	from.add(cmd.PersistentFlags())
	loaded := func(use, short string, args cobra.PositionalArgs, run func(cmd *cobra.Command, cfg *config.Config, args []string) error) {
		cmd.AddCommand(&cobra.Command{
			Use: use, Short: short, Args: arguments(args),
			RunE: func(cmd *cobra.Command, args []string) error {
				cfg, err := c.load(from.files, from.set)
				if err != nil {
					return err
				}
				return run(cmd, cfg, args)
			},
		})
	}
	loaded("print", "Print the whole configuration, secrets left out", cobra.NoArgs, printConfig)
	loaded("validate", "Check the configuration", cobra.NoArgs, func(cmd *cobra.Command, _ *config.Config, _ []string) error {
		fmt.Fprintln(cmd.OutOrStdout(), "the configuration is fine")
		return nil
	})
	loaded("explain [KEY]", "Say what a key is for, and where its value comes from; without a key, list them", cobra.MaximumNArgs(1), explainConfig)
	loaded("init", "Print a commented configuration file to begin with", cobra.NoArgs, func(cmd *cobra.Command, cfg *config.Config, _ []string) error {
		fmt.Fprint(cmd.OutOrStdout(), c.program().Init(*cfg))
		return nil
	})
	cmd.AddCommand(&cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of configuration files, for editors", Args: arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			enc := json.NewEncoder(cmd.OutOrStdout())
			enc.SetIndent("", "  ")
			return enc.Encode(c.program().Schema())
		},
	})
	return cmd
}

func printConfig(cmd *cobra.Command, cfg *config.Config, _ []string) error {
	fmt.Fprint(cmd.OutOrStdout(), cfg.Print(true))
	return nil
}

func explainConfig(cmd *cobra.Command, cfg *config.Config, args []string) error {
	if len(args) == 0 {
		fmt.Fprintln(cmd.OutOrStdout(), strings.Join(cfg.Keys(""), "\n"))
		return nil
	}
	e, err := cfg.Explain(args[0])
	if err != nil {
		return misuse(err)
	}
	fmt.Fprintln(cmd.OutOrStdout(), e)
	return nil
}
