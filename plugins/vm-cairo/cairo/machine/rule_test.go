package machine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// fresh returns a machine with a builtin's segment, number 2.
func fresh(rule machine.Rule) (*machine.Machine, machine.Address) {
	var m machine.Machine
	m.Reset(machine.NewCode(nil, nil), machine.Config{})
	return &m, m.AddSegment(rule)
}

// cells turns numbers into cells; "@" is an address, "" an empty cell.
func cells(list ...string) []machine.Cell {
	all := make([]machine.Cell, len(list))
	for i, s := range list {
		switch s {
		case "@":
			all[i] = machine.Address{Segment: 1, Offset: 5}.Cell()
		case "":
		default:
			all[i] = machine.FeltCell(felt.MustParse(s))
		}
	}
	return all
}

func write(t *testing.T, m *machine.Machine, at machine.Address, list []machine.Cell) {
	t.Helper()
	for i, c := range list {
		if c.Known() {
			if err := m.Write(at.Plus(uint64(i)), c); err != nil {
				t.Fatal(err)
			}
		}
	}
}

const (
	gx    = "0x1ef15c18599971b7beced415a40f0c7deacfd9b0d1819e03d723d8bc943cfca"
	gy    = "0x5668060aa49730b7be4801df46ec62de53ecd11abe43a32873000c36e8dc1f"
	h12   = "0x5bb9440e27889a364bcb678b1f679ecd1347acdedcbf36e83494f857cc58026" // Pedersen(1, 2)
	p251  = "0x800000000000000000000000000000000000000000000000000000000000000"
	hades = "0x5d44a3decb2b2e0cc71071f7b802f45dd792d064f0fc7316c46514f70f9891a" // of (1, 2, 2)
)

// TestCheckRules writes instances as a program may, and checks them as it is done at the end of a run.
func TestCheckRules(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		rule  machine.Rule
		cells []machine.Cell
		want  string
	}{
		{"Right", machine.PedersenRule, cells("1", "2", h12), ""},
		{"Wrong", machine.PedersenRule, cells("1", "2", "5"), "Inconsistent auto-deduction for pedersen_builtin, expected " +
			"2592987851775965742543459319508348457290966253241455514226127639100457844774, got Some(Int(5))"},
		{"MissingInput", machine.PedersenRule, cells("1", "", "5"), ""},
		{"AddressAsInput", machine.PedersenRule, cells("1", "@", "5"), ""},
		{"AddressAsOutput", machine.PedersenRule, cells("1", "2", "@"), "got Some(RelocatableValue(Relocatable { segment_index: 1, offset: 5 }))"},
		{"Bitwise", machine.BitwiseRule, cells("12", "10", "8", "6", "14"), ""},
		{"BitwiseOr", machine.BitwiseRule, cells("12", "10", "8", "6", "15"), "Inconsistent auto-deduction for bitwise_builtin, expected 14, got Some(Int(15))"},
		{"BitwiseSecond", machine.BitwiseRule, cells("12", "10", "", "", "", "1", "1", "2"), "expected 1, got Some(Int(2))"},
		{"BitwiseWide", machine.BitwiseRule, cells("12", p251, "1"), "Expected integer at address Relocatable { segment_index: 2, offset: 1 } " +
			"to be smaller than 2^251, Got 3618502788666131106986593281521497120414687020801267626233049500247285301248"},
		{"BitwiseWideUnused", machine.BitwiseRule, cells("12", p251), ""},
		{"EcOpOffCurve", machine.EcOpRule, cells("1", "2", gx, gy, "3", "4"), "EcOpBuiltin: point (0x1, 0x2) is not on the curve"},
		{"EcOpAddress", machine.EcOpRule, cells(gx, gy, gx, "@", "3", "4"), "Expected integer at address 2:3"},
		{"EcOpCollision", machine.EcOpRule, cells(gx, gy, gx, gy, "3", "4"), "Cannot apply EC operation: computation reached two points with the same x coordinate. \n"},
		{"EcOpZero", machine.EcOpRule, cells(gx, gy, gx, gy, "0", gx, gy), ""},
		{"Poseidon", machine.PoseidonRule, cells("1", "2", "2", hades), ""},
		{"PoseidonWrong", machine.PoseidonRule, cells("1", "2", "2", "", "7"), "Inconsistent auto-deduction for poseidon_builtin"},
		{"PoseidonAddress", machine.PoseidonRule, cells("1", "2", "@", "7"), "poseidon_builtin: Expected integer at address 2:2"},
		{"KeccakWide", machine.KeccakRule, cells("1", "2", "3", "4", "5", "6", "7", "0x100000000000000000000000000000000000000000000000000", "1"),
			"Expected integer at address Relocatable { segment_index: 2, offset: 7 } to be smaller than 2^200"},
		{"KeccakAddress", machine.KeccakRule, cells("@", "2", "3", "4", "5", "6", "7", "8", "1"), "keccak_builtin: Expected integer at address 2:0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			m, at := fresh(tc.rule)
			write(t, m, at, tc.cells)
			err := m.CheckRules(at.Segment, false)
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("CheckRules = %v, want %q", err, tc.want)
			}
		})
	}
}

func TestCheckRulesFills(t *testing.T) {
	t.Parallel()
	m, at := fresh(machine.BitwiseRule)
	write(t, m, at, cells("12", "10"))
	if err := m.CheckRules(at.Segment, true); err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range m.Len(at.Segment) {
		got = append(got, m.Read(at.Plus(i)).String())
	}
	if d := cmp.Diff([]string{"12", "10", "8", "6", "14"}, got); d != "" {
		t.Errorf("filled instance (-want +got):\n%s", d)
	}
}

func TestRangeChecks(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		rule        machine.Rule
		value, want string
	}{
		{machine.RangeCheckRule, "0xffffffffffffffffffffffffffffffff", ""},
		{machine.RangeCheckRule, "0x100000000000000000000000000000000", "Range-check validation failed, number " +
			"340282366920938463463374607431768211456 is out of valid range [0, 340282366920938463463374607431768211456]"},
		{machine.RangeCheckRule, "@", "Range-check validation failed, encountered non-int value at address 2:0"},
		{machine.RangeCheck96Rule, "0xffffffffffffffffffffffff", ""},
		{machine.RangeCheck96Rule, "0x1000000000000000000000000", "Range-check validation failed, number 79228162514264337593543950336 " +
			"is out of valid range [0, 79228162514264337593543950336]"},
	} {
		m, at := fresh(tc.rule)
		err := m.Write(at, cells(tc.value)[0])
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || err.Error() != tc.want) {
			t.Errorf("Write(%s) = %v, want %q", tc.value, err, tc.want)
		}
	}
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	private, message := felt.FromUint64(12345), felt.FromUint64(678)
	key, err := crypto.PublicKey(private)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := crypto.Sign(private, message)
	if err != nil {
		t.Fatal(err)
	}
	m, at := fresh(machine.EcdsaRule)
	m.AddSignature(at, sig)
	m.AddSignature(at, crypto.Signature{}) // the first one stays
	if err := m.Write(at.Plus(1), machine.FeltCell(message)); err != nil {
		t.Errorf("message first: %v", err)
	}
	if err := m.Write(at, machine.FeltCell(key)); err != nil {
		t.Errorf("key: %v", err)
	}
	m.AddSignature(at.Plus(2), sig)
	if err := m.Write(at.Plus(2), machine.FeltCell(key)); err != nil {
		t.Errorf("second key: %v", err)
	}
	for _, tc := range []struct {
		at   machine.Address
		v    machine.Cell
		want string
	}{
		{at.Plus(3), machine.UintCell(1), "is invalid, with respect to the public key " + key.Decimal() + ", \n    and the message hash 1."},
		{at.Plus(4), at.Cell(), "ECDSA builtin: Expected public key at address 2:4 to be an integer"},
		{at.Plus(6), machine.FeltCell(key), ""},
		{at.Plus(7), machine.FeltCell(message), "Signature hint is missing for ECDSA builtin at address 2:6.\n    Add it using 'ecdsa_builtin.add_signature'."},
	} {
		err := m.Write(tc.at, tc.v)
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("Write(%v) = %v, want %q", tc.at, err, tc.want)
		}
	}
}

// TestBlake hashes the empty message with one BlakeFinalize instruction.
func TestBlake(t *testing.T) {
	t.Parallel()
	in := machine.Instruction{Off0: -4, Off1: -3, Off2: -2, Op1: machine.Op1AP, Ext: machine.ExtBlakeFinalize}
	var m machine.Machine
	m.Reset(machine.NewCode([]felt.Felt{in.Encode()}, nil), machine.Config{})
	state, message, out := m.AddSegment(machine.NoRule), m.AddSegment(machine.NoRule), m.AddSegment(machine.NoRule)
	iv := []uint64{0x6A09E667 ^ 0x01010020, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19}
	for i, w := range iv {
		write(t, &m, state.Plus(uint64(i)), []machine.Cell{machine.UintCell(w)})
	}
	for i := range uint64(16) {
		write(t, &m, message.Plus(i), []machine.Cell{machine.UintCell(0)})
	}
	write(t, &m, machine.Address{Segment: 1}, []machine.Cell{machine.UintCell(0), state.Cell(), message.Cell(), {}, out.Cell()})
	m.SetRegisters(machine.Registers{AP: 4, FP: 4})
	if err := m.RunFor(1); err != nil {
		t.Fatal(err)
	}
	var got []uint64
	for i := range uint64(8) {
		w, _ := m.Read(out.Plus(i)).Uint64()
		got = append(got, w)
	}
	// Blake2s-256 of nothing: 69217a30 79908094 e11121d0 42354a7c 1f55b648 2ca1a51e 1b250dfd 1ed0eef9, RFC 7693.
	want := []uint64{0x307a2169, 0x94809079, 0xd02111e1, 0x7c4a3542, 0x48b6551f, 0x1ea5a12c, 0xfd0d251b, 0xf9eed01e}
	if d := cmp.Diff(want, got); d != "" || m.Blakes() != 1 || m.Accessed(out.Segment) != 8 {
		t.Errorf("hash (-want +got):\n%s%d blakes, %d cells accessed", d, m.Blakes(), m.Accessed(out.Segment))
	}
}
