package cli

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/switchyard-dev/switchyard/host"
	"github.com/switchyard-dev/switchyard/host/graph"
)

func newGraph(c *Call) *cobra.Command {
	var from configFlags
	format := "text"
	cmd := &cobra.Command{
		Use:   "graph",
		Short: "Show the parts of an assembly and the links between them",
		Long: `Graph assembles a sequencer from the configuration, shows what it is made of, and ends. There is a line per plugin: which one,
its version, that of its API, where it runs, its process and the checksum of its program (which is what store.sha256 pins). And there is a
line per link: who uses what, over which carrier, through which socket, for which user.`,
		Example: `  switchyard graph --config examples/process.yaml
  switchyard graph --set vm.place=process --format dot | dot -Tsvg > graph.svg`,
		Args: arguments(cobra.NoArgs),
	}
	from.add(cmd.Flags())
	cmd.Flags().StringVar(&format, "format", format, "text, dot (Graphviz) or mermaid")
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		draw, ok := map[string]func(*graph.Graph, io.Writer) error{
			"text": (*graph.Graph).Text, "dot": (*graph.Graph).DOT, "mermaid": (*graph.Graph).Mermaid,
		}[format]
		if !ok {
			return misuse(errors.New("no format " + format + ": write text, dot or mermaid"))
		}
		cfg, err := c.load(from.files, from.set)
		if err != nil {
			return err
		}
		a, err := host.Assemble(cmd.Context(), c.Plugins, cfg)
		if err != nil {
			return misuse(err)
		}
		defer func() { err = errors.Join(err, a.Close()) }()
		g, err := a.Graph()
		if err != nil {
			return err
		}
		return draw(g, cmd.OutOrStdout())
	}
	return cmd
}
