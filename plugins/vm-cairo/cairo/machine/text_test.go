package machine_test

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

func TestText(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ word, imm, want string }{
		{"0x480680017fff8000", "7", "[ap] = 7; ap++"},
		{"0x48127ffe7fff8000", "", "[ap] = [ap - 2]; ap++"},
		{"0x480a7ffb7fff8000", "", "[ap] = [fp - 5]; ap++"},
		{"0x480280027ffb8000", "", "[ap] = [[fp - 5] + 2]; ap++"},
		{"0x482480017ffd8000", minusOne, "[ap] = [ap - 3] - 1; ap++"},
		{"0x400380007ffb7ffc", "", "[fp - 4] = [[fp - 5]]"},
		{"0x48507fff7ffe8000", "", "[ap] = [ap - 2] * [ap - 1]; ap++"},
		{"0x10780017fff7fff", "0", "jmp rel 0"},
		{"0x20680017fff7fff", minusOne, "jmp rel -1 if [ap - 1] != 0"},
		{"0xa0680017fff8000", "9", "jmp rel 9 if [ap] != 0; ap++"},
		{"0x40780017fff7fff", "3", "ap += 3"},
		{"0x1104800180018000", "12", "call rel 12"},
		{"0x1104800180018000", "", "call rel ?"},
		{"0x208b7fff7fff7ffe", "", "ret"},
		{"0x7fff7fff7fff", "", "nop"},
		{"0x108107ffe7ffb7fff", "", "blake2s_last [ap - 5], [ap - 2], [ap - 1]; ap++"},
	} {
		in, err := machine.Decode(felt.MustParse(tc.word))
		if err != nil {
			t.Fatal(err)
		}
		var imm *felt.Felt
		if tc.imm != "" {
			x := felt.MustParse(tc.imm)
			imm = &x
		}
		if got := in.Text(imm); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.word, got, tc.want)
		}
	}
}
