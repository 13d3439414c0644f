package plugin

import (
	"context"
	"errors"
	"flag"
	"io"
)

// ErrMisuse says that a tool was called with flags or arguments that it cannot use; nothing was done.
var ErrMisuse = errors.New("misuse")

// Tool is a command that comes along with a plugin, for work that is not that of its kind: a VM may run a program that
// is no transaction. A program with a command line offers it among its own commands.
type Tool struct {
	// Words are the words of the command behind the program's name, such as "vm" and "run".
	Words []string
	// Arguments is how help shows what stands behind the flags, such as "PROGRAM"; empty if nothing does.
	Arguments string
	// Summary is one line, Help the whole explanation, Example some calls.
	Summary, Help, Example string
	// Tables tells that the tool prints its results by [ToolCall.Report] alone.
	Tables bool
	// New adds the flags of a call to flags, and returns what executes it once they are parsed.
	New func(flags *flag.FlagSet) func(ctx context.Context, c *ToolCall) error
}

// ToolCall is one call of a tool.
type ToolCall struct {
	// Args stand behind the flags.
	Args           []string
	Stdout, Stderr io.Writer
	// JSON tells that the user wants nothing but one JSON object, which Report prints.
	JSON bool
	// Report prints rows, a slice of structs of which each field is a column named by its tag `json`, and figures
	// that hold for all rows, in the form that the user has asked for.
	Report func(rows any, figures map[string]float64) error
}
