package command

import (
	"flag"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework/plugin"
)

// Tools returns the tools.
func Tools() []plugin.Tool {
	return []plugin.Tool{runTool(), disasmTool(), traceTool(), benchTool(), casesTool(), programsTool(), agreeTool()}
}

// argument returns the one argument of a call.
func argument(c *plugin.ToolCall) (string, error) {
	if len(c.Args) != 1 {
		return "", misuse("want one PROGRAM, got %d arguments", len(c.Args))
	}
	return c.Args[0], nil
}

func misuse(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{plugin.ErrMisuse}, args...)...)
}

// layoutFlags are the flags that choose a layout.
type layoutFlags struct{ name, params string }

func (l *layoutFlags) add(f *flag.FlagSet) {
	f.StringVar(&l.name, "layout", "plain", "`NAME` of the layout: which builtins a proof has")
	f.StringVar(&l.params, "cairo_layout_params_file", "", "JSON `FILE` with the parameters of the layout dynamic")
}
