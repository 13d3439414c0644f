package starknet_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/sample"
)

// cells is a state that holds what it says.
type cells map[framework.Key]framework.Word

func (c cells) Read(_ context.Context, keys []framework.Key, out []framework.Word) error {
	for i, k := range keys {
		out[i] = c[k]
	}
	return nil
}

func (cells) Class(context.Context, framework.Word) (*framework.Class, error) {
	return nil, framework.ErrNoClass
}

func (cells) Close() error { return nil }

func TestDiffAndBack(t *testing.T) {
	d := sample.Diff()
	d.Replaced = []starknet.ContractClass{{Contract: sample.Num(21), ClassHash: sample.Num(22)}}
	d.Migrated = []starknet.DeclaredClass{{ClassHash: sample.Num(23), CompiledClassHash: sample.Num(24)}}
	before := cells{starknet.ClassHashKey(sample.Num(21)): framework.Word(sample.Num(1))}

	diff, err := d.Diff()
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(diff.Writes); i++ {
		if diff.Writes[i-1].Key.Compare(diff.Writes[i].Key) >= 0 {
			t.Errorf("writes %d and %d are not in order", i-1, i)
		}
	}
	for _, w := range diff.Writes {
		if err := starknet.CheckWrite(w); err != nil {
			t.Error(err)
		}
	}
	got, err := starknet.FromDiff(t.Context(), diff, before)
	if diff := cmp.Diff(d, got); err != nil || diff != "" {
		t.Errorf("FromDiff(Diff) = %v (-want +got):\n%s", err, diff)
	}
}

func TestDiffOfReplacedInSameBlock(t *testing.T) {
	d := &starknet.StateDiff{
		Deployed: []starknet.ContractClass{{Contract: sample.Num(1), ClassHash: sample.Num(2)}},
		Replaced: []starknet.ContractClass{{Contract: sample.Num(1), ClassHash: sample.Num(3)}},
	}
	diff, err := d.Diff()
	if err != nil || len(diff.Writes) != 1 || felt.Felt(diff.Writes[0].Value) != sample.Num(3) {
		t.Errorf("Diff = %+v, %v, want the class that replaces", diff, err)
	}
}

func TestDiffRefuses(t *testing.T) {
	twice := &starknet.StateDiff{Nonces: []starknet.ContractNonce{{Contract: sample.Num(1)}, {Contract: sample.Num(1)}}}
	if _, err := twice.Diff(); !errors.Is(err, starknet.ErrUnordered) {
		t.Errorf("Diff of a nonce set twice = %v, want ErrUnordered", err)
	}
	for name, w := range map[string]framework.Write{
		"unknown space":   {Key: framework.Key{Space: 99}},
		"slot of a nonce": {Key: framework.Key{Space: starknet.SpaceNonce, Slot: framework.Word{1}}},
		"value above P":   {Key: starknet.NonceKey(sample.Num(1)), Value: framework.Word{3: 1 << 63}},
		"owner above P":   {Key: framework.Key{Owner: framework.Word{3: 1 << 63}}},
		"withdrawn class": {Key: starknet.DeclaredKey(sample.Num(1))},
	} {
		d := &framework.Diff{Writes: []framework.Write{w}}
		if _, err := starknet.FromDiff(t.Context(), d, cells{}); !errors.Is(err, starknet.ErrCell) {
			t.Errorf("%s: FromDiff = %v, want ErrCell", name, err)
		}
	}
}

func TestCheck(t *testing.T) {
	d := sample.Diff()
	if err := d.Check(); err != nil {
		t.Errorf("Check of a sorted diff = %v", err)
	}
	d.Storage[0].Entries[0], d.Storage[0].Entries[1] = d.Storage[0].Entries[1], d.Storage[0].Entries[0]
	if err := d.Check(); !errors.Is(err, starknet.ErrUnordered) {
		t.Errorf("Check of entries out of order = %v, want ErrUnordered", err)
	}
	if err := d.Sorted().Check(); err != nil {
		t.Errorf("Check of Sorted = %v", err)
	}
}

func TestVersion(t *testing.T) {
	order := []string{"", "0.9.1", "0.11.0", "0.11.1", "0.13.1", "0.13.1.1", "0.13.2", "0.13.10", "0.14.0"}
	for i, s := range order {
		v, err := starknet.ParseVersion(s)
		if err != nil || v.String() != s {
			t.Errorf("ParseVersion(%q) = %v, %v", s, v, err)
		}
		for j, s := range order {
			if w, _ := starknet.ParseVersion(s); v.Less(w) != (i < j) {
				t.Errorf("%v.Less(%v) = %t", v, w, v.Less(w))
			}
		}
	}
	for _, s := range []string{"1", "a.b", "0.13.x", "0.13.2.1.1", "0..1", "0.013", "+0.1", "0.70000", " 0.13"} {
		if v, err := starknet.ParseVersion(s); !errors.Is(err, starknet.ErrVersion) {
			t.Errorf("ParseVersion(%q) = %v, %v, want ErrVersion", s, v, err)
		}
	}
}

func TestTxVersion(t *testing.T) {
	for _, v := range []starknet.TxVersion{0, 3, 3 | starknet.Query} {
		if got, ok := starknet.TxVersionFromFelt(v.Felt()); !ok || got != v {
			t.Errorf("TxVersionFromFelt(%v) = %d, %t, want %d", v.Felt(), got, ok, v)
		}
	}
	for _, s := range []string{"0x80", "0x200000000000000000000000000000003", "0x10000000000000003"} {
		if v, ok := starknet.TxVersionFromFelt(felt.MustParse(s)); ok {
			t.Errorf("TxVersionFromFelt(%s) = %d, want none", s, v)
		}
	}
}
