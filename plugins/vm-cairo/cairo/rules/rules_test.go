package rules_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/internal/realdata"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/rules"
)

var update = flag.Bool("update", false, "write versions.json from the published constants")

// TestPublished compares the rules with the constants that the sequencer of the public networks publishes.
func TestPublished(t *testing.T) {
	t.Parallel()
	all := published(t)
	if *update {
		write(t, all)
	}
	for _, want := range all {
		got, err := rules.For(want.Version)
		if err != nil {
			t.Error(err)
			continue
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", want.Version, diff)
		}
	}
}

// published returns the rules of all versions, oldest first.
func published(t *testing.T) []*rules.Rules {
	t.Helper()
	var all []*rules.Rules
	for _, v := range []string{
		"0.13.0", "0.13.1", "0.13.1.1", "0.13.2", "0.13.2.1", "0.13.3", "0.13.4", "0.13.5", "0.13.6",
		"0.14.0", "0.14.1", "0.14.2", "0.14.3", "0.14.4",
	} {
		data := realdata.Read(t, "constants/blockifier_versioned_constants_"+strings.ReplaceAll(v, ".", "_")+".json")
		var f file
		if err := json.Unmarshal(data, &f); err != nil {
			t.Fatal(err)
		}
		all = append(all, f.rules(t, v))
	}
	return append([]*rules.Rules{before(all[0])}, all...)
}

// before returns the rules of 0.12.3, of which the constants are in code and not in a file: those of 0.13.0 but for these.
func before(next *rules.Rules) *rules.Rules {
	r := *next
	r.Version = "0.12.3"
	r.ExecuteSteps = 4_000_000
	r.LegacyFee = true
	hundredths := func(n uint64) rules.Fraction { return rules.Fraction{Num: n, Den: 100} }
	r.Weights = rules.Weights{Step: hundredths(1), Builtins: map[string]rules.Fraction{
		"pedersen": hundredths(32), "poseidon": hundredths(32), "range_check": hundredths(16), "bitwise": hundredths(64),
		"ec_op": hundredths(1024), "ecdsa": hundredths(2048), "keccak": hundredths(2048),
		"output": {Den: 1}, "add_mod": {Den: 1}, "mul_mod": {Den: 1}, "range_check96": {Den: 1},
	}}
	for s, c := range map[rules.Syscall][2]uint64{
		rules.Secp256k1GetXy: {175, 9}, rules.Secp256k1Mul: {121956, 10739},
		rules.Secp256r1GetXy: {177, 9}, rules.Secp256r1Mul: {195595, 21477},
	} {
		r.Syscalls[s].Const.Steps = c[0]
		r.Syscalls[s].Const.Builtins[starknet.RangeCheck] = c[1]
		if s == rules.Secp256k1GetXy || s == rules.Secp256r1GetXy {
			r.Syscalls[s].Const.Holes = next.Syscalls[s].Const.Holes
		}
	}
	return &r
}

// write writes versions.json.
func write(t *testing.T, all []*rules.Rules) {
	t.Helper()
	var old any
	var patches []any
	for _, r := range all {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var now any
		if err := json.Unmarshal(text, &now); err != nil {
			t.Fatal(err)
		}
		patches = append(patches, patch(old, now))
		old = now
	}
	var b bytes.Buffer
	b.WriteString("[\n")
	for i, p := range patches {
		if i > 0 {
			b.WriteString(",\n")
		}
		text, err := json.MarshalIndent(p, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		b.Write(text)
	}
	b.WriteString("\n]\n")
	if err := os.WriteFile("versions.json", b.Bytes(), 0o644); err != nil { //nolint:gosec // a source file
		t.Fatal(err)
	}
	t.Log("wrote versions.json; run the test again")
}

// patch returns the merge patch that makes now out of old.
func patch(old, now any) any {
	o, ok := old.(map[string]any)
	n, ok2 := now.(map[string]any)
	if !ok || !ok2 {
		return now
	}
	out := map[string]any{}
	for k := range o {
		if _, ok := n[k]; !ok {
			out[k] = nil
		}
	}
	for k, v := range n {
		if !cmp.Equal(o[k], v) {
			out[k] = patch(o[k], v)
		}
	}
	return out
}

// file is a file of published constants.
type file struct {
	Events struct {
		Data  uint64 `json:"max_data_length"`
		Keys  uint64 `json:"max_keys_length"`
		Count uint64 `json:"max_n_emitted_events"`
	} `json:"tx_event_limits"`
	ExecuteSteps  uint64   `json:"invoke_tx_max_n_steps"`
	ValidateSteps uint64   `json:"validate_max_n_steps"`
	MaxDepth      int      `json:"max_recursion_depth"`
	ArchivalL1    archival `json:"deprecated_l2_resource_gas_costs"`
	ArchivalL2    archival `json:"archival_data_gas_costs"`
	Allocation    struct {
		Blob gas `json:"blob_cost"`
		Gas  gas `json:"gas_cost"`
	} `json:"allocation_cost"`
	Fee struct {
		Steps    [2]uint64            `json:"n_steps"`
		Builtins map[string][2]uint64 `json:"builtins"`
	} `json:"vm_resource_fee_cost"`
	DeclareOnce   bool        `json:"disable_cairo0_redeclaration"`
	Aliases       bool        `json:"enable_stateful_compression"`
	WholeDiff     bool        `json:"comprehensive_state_diff"`
	NoExecute     bool        `json:"block_direct_execute_call"`
	RootEvents    bool        `json:"ignore_inner_event_resources"`
	NoDeploy      bool        `json:"disable_deploy_in_validation_mode"`
	SoftFailures  bool        `json:"enable_reverts"`
	Migration     bool        `json:"enable_casm_hash_migration"`
	BlakeDeclares bool        `json:"block_casm_hash_v1_declares"`
	HideGasFrames bool        `json:"strip_vm_frames_in_sierra_gas"`
	GasFrom       string      `json:"min_sierra_version_for_sierra_gas"`
	Tip           bool        `json:"enable_tip"`
	ArenaCells    bool        `json:"segment_arena_cells"`
	OS            osConstants `json:"os_constants"`
	Resources     osResources `json:"os_resources"`
}

type archival struct {
	Felt  [2]uint64 `json:"gas_per_data_felt"`
	Key   [2]uint64 `json:"event_key_factor"`
	Byte  [2]uint64 `json:"gas_per_code_byte"`
	Proof [2]uint64 `json:"gas_per_proof"`
}

type gas struct {
	L1     uint64 `json:"l1_gas"`
	L1Data uint64 `json:"l1_data_gas"`
	L2     uint64 `json:"l2_gas"`
}

type steps struct {
	Steps uint64 `json:"step_gas_cost"`
}

type osConstants struct {
	Programs []felt.Felt `json:"allowed_virtual_os_program_hashes"`
	Versions []felt.Felt `json:"allowed_proof_versions"`
	Rounding struct {
		Number uint64 `json:"validate_block_number_rounding"`
		Time   uint64 `json:"validate_timestamp_rounding"`
	} `json:"validate_rounding_consts"`
	ExecuteGas      uint64                     `json:"execute_max_sierra_gas"`
	ValidateGas     uint64                     `json:"validate_max_sierra_gas"`
	HoleGas         uint64                     `json:"memory_hole_gas_cost"`
	StepGas         uint64                     `json:"step_gas_cost"`
	SyscallBase     steps                      `json:"syscall_base_gas_cost"`
	Initial         steps                      `json:"default_initial_gas_cost"`
	SyscallGas      map[string]json.RawMessage `json:"syscall_gas_costs"`
	L1HandlerBounds gas                        `json:"l1_handler_max_amount_bounds"`
	V1Cairo0        []felt.Felt                `json:"v1_bound_accounts_cairo0"`
	V1Cairo1        []felt.Felt                `json:"v1_bound_accounts_cairo1"`
	MaxTip          string                     `json:"v1_bound_accounts_max_tip"`
	DataGas         []felt.Felt                `json:"data_gas_accounts"`
	BuiltinGas      struct {
		RangeCheck   uint64 `json:"range_check"`
		RangeCheck96 uint64 `json:"range_check96"`
		Keccak       uint64 `json:"keccak"`
		Pedersen     uint64 `json:"pedersen"`
		Bitwise      uint64 `json:"bitwise"`
		EcOp         uint64 `json:"ecop"`
		Poseidon     uint64 `json:"poseidon"`
		AddMod       uint64 `json:"add_mod"`
		MulMod       uint64 `json:"mul_mod"`
		Ecdsa        uint64 `json:"ecdsa"`
		Blake        uint64 `json:"blake"`
	} `json:"builtin_gas_costs"`
}

type osResources struct {
	Syscalls map[string]linear `json:"execute_syscalls"`
	Txs      map[string]linear `json:"execute_txs_inner"`
	KZG      cost              `json:"compute_os_kzg_commitment_info"`
}

type cost struct {
	Steps    uint64            `json:"n_steps"`
	Holes    uint64            `json:"n_memory_holes"`
	Builtins map[string]uint64 `json:"builtin_instance_counter"`
}

func (c *cost) rules(t *testing.T) (out rules.Cost) {
	t.Helper()
	out.Steps, out.Holes = c.Steps, c.Holes
	for name, n := range c.Builtins {
		b, ok := starknet.ParseBuiltin(strings.TrimSuffix(name, "_builtin"))
		if !ok {
			t.Fatalf("builtin %s", name)
		}
		out.Builtins[b] = n
	}
	return out
}

// linear is a cost, or a constant and a factor, which is a cost or a cost with a scale.
type linear struct {
	cost

	Constant *cost `json:"constant"`
	Factor   struct {
		cost

		Resources *cost  `json:"resources"`
		Scale     uint64 `json:"scaling_factor"`
	} `json:"calldata_factor"`
}

func (l *linear) rules(t *testing.T) (out rules.Linear) {
	t.Helper()
	if l.Constant == nil {
		return rules.Linear{Const: l.cost.rules(t)}
	}
	out.Const = l.Constant.rules(t)
	out.Per = l.Factor.cost.rules(t)
	if l.Factor.Resources != nil {
		out.Per, out.Scale = l.Factor.Resources.rules(t), l.Factor.Scale
	}
	return out
}

func fraction(f [2]uint64) rules.Fraction { return rules.Fraction{Num: f[0], Den: f[1]} }

func (a *archival) rules() rules.Archival {
	return rules.Archival{Felt: fraction(a.Felt), KeyFactor: fraction(a.Key), CodeByte: fraction(a.Byte), Proof: fraction(a.Proof)}
}

func (f *file) rules(t *testing.T, version string) *rules.Rules {
	t.Helper()
	v, err := starknet.ParseVersion(version)
	if err != nil {
		t.Fatal(err)
	}
	o := &f.OS
	r := &rules.Rules{
		Version:      version,
		Events:       rules.EventLimits{Count: f.Events.Count, Keys: f.Events.Keys, Data: f.Events.Data},
		ExecuteSteps: f.ExecuteSteps, ValidateSteps: f.ValidateSteps,
		ExecuteGas: o.ExecuteGas, ValidateGas: o.ValidateGas, InitialGas: o.Initial.Steps * o.StepGas,
		MaxDepth: f.MaxDepth, RoundNumber: o.Rounding.Number, RoundTime: o.Rounding.Time,
		L1HandlerBounds: starknet.Gas(o.L1HandlerBounds),
		Switches: rules.Switches{
			SoftFailures: f.SoftFailures, Aliases: f.Aliases, WholeDiff: f.WholeDiff, DeclareOnce: f.DeclareOnce,
			RootEvents: f.RootEvents, ArenaCells: f.ArenaCells, NoDirectExecute: f.NoExecute, NoDeployInValidate: f.NoDeploy,
			Tip: f.Tip, BlakeDeclares: f.BlakeDeclares, Migration: f.Migration, HideGasFrames: f.HideGasFrames,
			RevertL1Handlers: !v.Less(starknet.V0_14_0), HolesInSteps: v.Less(starknet.V0_14_0),
		},
		Accounts:   rules.Accounts{DataGas: o.DataGas, Version1Cairo0: o.V1Cairo0, Version1Cairo1: o.V1Cairo1},
		Proofs:     rules.Proofs{Versions: o.Versions, Programs: o.Programs},
		Weights:    rules.Weights{Step: fraction(f.Fee.Steps), Builtins: map[string]rules.Fraction{}},
		ArchivalL1: f.ArchivalL1.rules(), ArchivalL2: f.ArchivalL2.rules(),
		AllocationBlob: starknet.Gas(f.Allocation.Blob), AllocationCalldata: starknet.Gas(f.Allocation.Gas),
		StepGas: o.StepGas, HoleGas: o.HoleGas, BuiltinGas: rules.BuiltinGas(o.BuiltinGas),
		SyscallBaseGas: o.SyscallBase.Steps * o.StepGas,
		Commit:         f.Resources.KZG.rules(t),
	}
	for name, w := range f.Fee.Builtins {
		r.Weights.Builtins[strings.TrimSuffix(name, "_builtin")] = fraction(w)
	}
	if r.Accounts.MaxTip, err = strconv.ParseUint(strings.TrimPrefix(o.MaxTip, "0x"), 16, 64); err != nil {
		t.Fatal(err)
	}
	for i, part := range strings.Split(f.GasFrom, ".") {
		if r.GasFrom[i], err = strconv.ParseUint(part, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	f.costs(t, r)
	return r
}

// costs sets the costs of transactions and system calls.
func (f *file) costs(t *testing.T, r *rules.Rules) {
	t.Helper()
	for name, l := range f.Resources.Syscalls {
		s, ok := rules.ParseSyscall(name)
		if !ok {
			t.Fatalf("system call %s", name)
		}
		r.Syscalls[s] = l.rules(t)
	}
	tx := func(name string) rules.Linear {
		l := f.Resources.Txs[name]
		return l.rules(t)
	}
	r.Declare, r.DeployAccount, r.Invoke, r.L1Handler = tx("Declare"), tx("DeployAccount"), tx("InvokeFunction"), tx("L1Handler")
	for name, text := range f.OS.SyscallGas {
		s, ok := rules.ParseSyscall(name)
		if !ok {
			t.Fatalf("system call %s", name)
		}
		if r.SyscallGas == nil {
			r.SyscallGas = map[rules.Syscall]uint64{}
		}
		r.SyscallGas[s] = f.oldPrice(t, text)
	}
}

// oldPrice returns a price of the time before they were derived.
func (f *file) oldPrice(t *testing.T, text json.RawMessage) uint64 {
	t.Helper()
	if n, err := strconv.ParseUint(string(text), 10, 64); err == nil {
		return n
	}
	var p struct {
		Steps   uint64 `json:"step_gas_cost"`
		Range   uint64 `json:"range_check"`
		Bitwise uint64 `json:"bitwise"`
		Base    uint64 `json:"syscall_base_gas_cost"`
		Holes   uint64 `json:"memory_hole_gas_cost"`
	}
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	o := &f.OS
	return p.Steps*o.StepGas + p.Range*o.BuiltinGas.RangeCheck + p.Bitwise*o.BuiltinGas.Bitwise +
		p.Base*o.SyscallBase.Steps*o.StepGas + p.Holes*o.HoleGas
}

// TestPrices checks prices of system calls and totals that are known from other sources.
func TestPrices(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		version string
		call    rules.Syscall
		n, want uint64
	}{
		{"0.13.0", rules.CallContract, 0, 61_000},
		{"0.13.0", rules.Secp256k1Mul, 0, 8_133_250},
		{"0.13.1", rules.Secp256k1Mul, 0, 8_143_270},
		{"0.13.2", rules.Sha256ProcessBlock, 0, 862_060},
		{"0.13.4", rules.CallContract, 0, 87_650},
		{"0.13.4", rules.MetaTxV0, 0, 10_000},
		{"0.13.4", rules.EmitEvent, 0, 10_000},
		{"0.13.5", rules.Deploy, 2, 142_810 + 2*4_850},
		{"0.14.0", rules.Deploy, 1, 147_120 + 4_850},
		{"0.14.2", rules.StorageRead, 0, 18_070},
		{"0.14.3", rules.StorageWrite, 0, 59_970},
		{"0.14.4", rules.SendMessageToL1, 3, 12_770 + 1_800},
		{"0.14.4", rules.KeccakRound, 0, 165_137},
		{"0.14.2", rules.Sha512ProcessBlock, 0, 0},
	} {
		r, err := rules.For(c.version)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.SyscallPrice(c.call, c.n); got != c.want {
			t.Errorf("%s: SyscallPrice(%v, %d) = %d, want %d", c.version, c.call, c.n, got, c.want)
		}
	}
}

// TestRoundingOfLinearCosts checks that every count is rounded up on its own.
func TestRoundingOfLinearCosts(t *testing.T) {
	t.Parallel()
	r, err := rules.For("0.14.0")
	if err != nil {
		t.Fatal(err)
	}
	got := r.Invoke.Of(3) // 4348 + ceil(33 / 2) steps, 12 + ceil(3 / 2) Poseidons
	if got.Steps != 4348+17 || got.Builtins[starknet.Poseidon] != 14 || got.Builtins[starknet.RangeCheck] != 90 {
		t.Errorf("invoke with 3 felts costs %+v", got)
	}
	if got := r.Publish(0); got.Steps != 21 || got.Builtins[starknet.Poseidon] != 1 {
		t.Errorf("publishing nothing costs %+v", got)
	}
}

// TestPublish counts publishing in blobs from the version on that did.
func TestPublish(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]uint64{"0.12.3": 0, "0.13.1": 0, "0.13.1.1": 0, "0.13.2": 4*113 + 2*18 + 21, "0.14.4": 4*113 + 2*18 + 21} {
		r, err := rules.For(version)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Publish(4); got.Steps != want || (want == 0 && got != rules.Cost{}) {
			t.Errorf("%s: publishing 4 felts costs %+v, want %d steps", version, got, want)
		}
	}
}

func TestUnknownVersions(t *testing.T) {
	t.Parallel()
	for _, v := range []string{"", "0.11.0", "0.12.2", "0.14.9", "x"} {
		if r, err := rules.For(v); !errors.Is(err, rules.ErrVersion) {
			t.Errorf("For(%q) = %v, %v, want ErrVersion", v, r, err)
		}
	}
}
