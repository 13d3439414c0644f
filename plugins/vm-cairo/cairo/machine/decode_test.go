package machine_test

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// TestDecodeErrors has a word for each rule, with the text of the reference.
func TestDecodeErrors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ word, want string }{
		{"0x480680017fff8000", ""},
		{"0x208b7fff7fff7ffe", ""},
		{"0x1104800180018000", ""},
		{"0x108107ffe7ffb7fff", ""}, // BlakeFinalize, from a deployed class
		{"0x480e80017fff8000", "Invalid op1_register value: 3"},
		{"0x498680017fff8000", "Invalid pc_update value: 3"},
		{"0x486680017fff8000", "Invalid res value: 3"},
		{"0x22e80017fff7fff", "Invalid op1_register value: 3"},
		{"0x24680017fff7fff", "Invalid res value: 2"},
		{"0x380680017fff8000", "Invalid opcode value: 3"},
		{"0x2480680017fff8000", "Invalid opcode extension value: 4"},
		{"0x100000000000000000000000000000000", "Instruction should be an int"},
		{"0xc80680017fff8000", "Blake2s opcode invalid flags 18438"},
		{"0x1c80680017fff8000", "QM31 add mul opcode invalid flags 18438"},
		{"0x4c0680017fff8000", "Invalid ap_update value: 3"},
		{"0x1504800180018000", "Invalid ap_update value: 1"},
		{"0x1104800180018001", "Invalid opcode value: 1"},
		{"0x1104800180008000", "Invalid opcode value: 1"},
		{"0x208b7fff7fff7fff", "Invalid opcode value: 2"},
		{"0x208b7ffe7fff7ffe", "Invalid opcode value: 2"},
		{"0x208b7fff7ffe7ffe", ""}, // off1 of ret is free
	} {
		in, err := machine.Decode(felt.MustParse(tc.word))
		switch {
		case tc.want == "" && err != nil, tc.want != "" && (err == nil || err.Error() != tc.want):
			t.Errorf("Decode(%s) = %v, want %q", tc.word, err, tc.want)
		case err == nil && in.Encode() != felt.MustParse(tc.word):
			t.Errorf("Decode(%s).Encode() = %v", tc.word, in.Encode())
		}
	}
}

func TestIsCall(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]bool{
		"0x1104800180018000": true, "0x480680017fff8000": false, "0x1084800180018000": true, "0x1004800180018000": false,
	} {
		if got := machine.IsCall(felt.MustParse(word)); got != want {
			t.Errorf("IsCall(%s) = %v, want %v", word, got, want)
		}
	}
}
