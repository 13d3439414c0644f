package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/report"
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
	return config.Program{Plugins: c.Plugins, Workload: &workloadSection{}}
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
	cmd.AddCommand(newConfigInit(c, &from), newConfigPrint(c, &from), newConfigValidate(c, &from),
		newConfigExplain(c, &from), newConfigSchema(c))
	return cmd
}

// loaded makes a command run with the configuration that its flags make.
func (c *Call) loaded(cmd *cobra.Command, from *configFlags, run func(w io.Writer, cfg *config.Config, args []string) error) *cobra.Command {
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, err := c.load(from.files, from.set)
		if err != nil {
			return err
		}
		return run(cmd.OutOrStdout(), cfg, args)
	}
	return cmd
}

func newConfigInit(c *Call, from *configFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Print a commented configuration file to begin with",
		Example: `  switchyard config init > switchyard.yaml
  switchyard config init --set store.use=trie`,
		Args: arguments(cobra.NoArgs),
	}
	return c.loaded(cmd, from, func(w io.Writer, cfg *config.Config, _ []string) error {
		_, err := fmt.Fprint(w, c.program().Init(*cfg))
		return err
	})
}

func newConfigPrint(c *Call, from *configFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "print",
		Short:   "Print the whole configuration, secrets left out",
		Example: `  switchyard config print --config my.yaml --set vm.place=process`,
		Args:    arguments(cobra.NoArgs),
	}
	return c.loaded(cmd, from, func(w io.Writer, cfg *config.Config, _ []string) error {
		_, err := fmt.Fprint(w, cfg.Print(true))
		return err
	})
}

func newConfigValidate(c *Call, from *configFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Check the configuration",
		Long: `Validate checks every key of the configuration, those of the plugins of this program included, and says of each that is
wrong where it stands.

Exit status: 0 if it is fine, 2 if it is not.`,
		Example: `  switchyard config validate --config my.yaml`,
		Args:    arguments(cobra.NoArgs),
	}
	return c.loaded(cmd, from, func(w io.Writer, _ *config.Config, _ []string) error {
		_, err := fmt.Fprintln(w, "the configuration is fine")
		return err
	})
}

func newConfigExplain(c *Call, from *configFlags) *cobra.Command {
	format := "text"
	cmd := &cobra.Command{
		Use:   "explain [KEY]",
		Short: "Say what a key is for, and where its value comes from; without a key, list them",
		Example: `  switchyard config explain
  switchyard config explain block.interval
  switchyard config explain store.config.retain --config my.yaml --format json`,
		Args:              arguments(cobra.MaximumNArgs(1)),
		ValidArgsFunction: c.completeKey,
	}
	formatFlag(cmd, &format, report.Text, report.JSON)
	return c.loaded(cmd, from, func(w io.Writer, cfg *config.Config, args []string) error {
		f, err := report.ParseFormat(format, report.Text, report.JSON)
		if err != nil {
			return misuse(err)
		}
		keys := cfg.Keys("")
		if len(args) == 0 && f == report.Text {
			_, err := fmt.Fprintln(w, strings.Join(keys, "\n"))
			return err
		}
		if len(args) == 1 {
			keys = args
		}
		rows := make([]config.Explanation, len(keys))
		for i, key := range keys {
			if rows[i], err = cfg.Explain(key); err != nil {
				return misuse(err)
			}
		}
		if f == report.Text {
			_, err := fmt.Fprintln(w, rows[0])
			return err
		}
		return writeJSON(w, map[string]any{"command": "config explain", "env": report.Here(), "rows": rows})
	})
}

func newConfigSchema(c *Call) *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of configuration files, for editors",
		Example: `  switchyard config schema > switchyard.schema.json`,
		Args:    arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return writeJSON(cmd.OutOrStdout(), c.program().Schema())
		},
	}
}
