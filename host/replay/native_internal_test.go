package replay

import (
	"slices"
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
)

// TestAsRun changes one instruction of the class in the block for which that is on record, and nothing elsewhere.
func TestAsRun(t *testing.T) {
	f := faults[0]
	says := func() *class.Casm { return &class.Casm{Bytecode: []felt.Felt{{1}, f.says, {2}}} }
	code := says()
	if note := asRun(f.chain, f.block, f.class, code); !strings.Contains(note, "runs as it did on the network") {
		t.Errorf("note %q", note)
	}
	if want := []felt.Felt{{1}, f.ran, {2}}; !slices.Equal(code.Bytecode, want) {
		t.Errorf("code %v, want %v", code.Bytecode, want)
	}
	for what, note := range map[string]string{
		"chain": asRun(starknet.Mainnet, f.block, f.class, says()),
		"block": asRun(f.chain, f.block+1, f.class, says()),
		"class": asRun(f.chain, f.block, felt.One, says()),
	} {
		if note != "" {
			t.Errorf("another %s: note %q", what, note)
		}
	}
	if note := asRun(f.chain, f.block, f.class, &class.Casm{}); !strings.Contains(note, "runs by its code") {
		t.Errorf("of other code: note %q", note)
	}
}
