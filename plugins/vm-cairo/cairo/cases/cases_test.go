package cases_test

import (
	"bytes"
	"context"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/vmtest"
	"github.com/switchyard-dev/switchyard/internal/realdata"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/cases"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/execution"
)

// spec returns what the tests make: a few transactions, or thousands.
func spec(t *testing.T) *cases.Spec {
	t.Helper()
	realdata.Glob(t, "classes/feature/*/*.json")
	dir, _ := realdata.Dir()
	s := &cases.Spec{
		Files: os.DirFS(filepath.Join(dir, "classes")), Protocol: "0.14.2", Seed: 1, Groups: 1, Size: 6,
		Tokens: [2]string{"cairo0/blockifier_erc20_without_some_syscalls", "cairo1/blockifier_erc20"},
	}
	if os.Getenv("SWITCHYARD_LONG") != "" {
		s.Groups, s.Size = 100, 30
	}
	return s
}

// TestRewind rolls random transactions back at each of their reads; those at full size are of several versions of the protocol.
func TestRewind(t *testing.T) {
	t.Parallel()
	protocols := []string{"0.14.2"}
	s := spec(t)
	if s.Groups > 1 {
		protocols = []string{"0.13.0", "0.13.2", "0.13.4", "0.14.0", "0.14.2", "0.14.4"}
		s.Groups /= len(protocols)
	}
	for i, p := range protocols {
		t.Run(p, func(t *testing.T) {
			t.Parallel()
			s := *s
			s.Protocol, s.Seed = p, uint64(i+1) //nolint:gosec // a handful
			vm := &vmtest.Rewound{VM: execution.New(execution.Config{})}
			if err := cases.Write(t.Context(), &s, vm, io.Discard, io.Discard); err != nil {
				t.Error(err)
			}
			t.Logf("%d transactions were rolled back at %d reads, but for %d with too many",
				vm.Transactions.Load(), vm.Reads.Load(), vm.Sampled.Load())
		})
	}
}

// TestRepeatable makes the same transactions twice, and compares their results with themselves and with others.
func TestRepeatable(t *testing.T) {
	t.Parallel()
	write := func() (in, out bytes.Buffer) {
		if err := cases.Write(t.Context(), spec(t), execution.New(execution.Config{}), &in, &out); err != nil {
			t.Fatal(err)
		}
		return in, out
	}
	in, out := write()
	again, outAgain := write()
	if !bytes.Equal(in.Bytes(), again.Bytes()) || !bytes.Equal(out.Bytes(), outAgain.Bytes()) {
		t.Error("the same seed made other transactions")
	}
	_, found, err := cases.Compare(bytes.NewReader(out.Bytes()), &outAgain)
	if err != nil || len(found) > 0 {
		t.Errorf("%d differences, %v", len(found), err)
	}
	other := bytes.Replace(out.Bytes(), []byte(`"status":"rejected"`), []byte(`"status":"reverted"`), 1)
	rows, found, err := cases.Compare(&out, bytes.NewReader(other))
	if err != nil || len(found) != 1 || rows[0].Of == 0 || rows[0].Agreed != rows[0].Of-1 {
		t.Errorf("found %v in %v, %v, want the one status that was changed", found, rows, err)
	}
}

// offered is a VM that holds the fee of each transaction against what its sender offers.
type offered struct {
	framework.VM

	t *testing.T
}

type offeredExecutor struct {
	framework.Executor

	t *testing.T
}

func (v *offered) Open(ctx context.Context, b *framework.Block) (framework.Executor, error) {
	e, err := v.VM.Open(ctx, b)
	return &offeredExecutor{e, v.t}, err
}

func (e *offeredExecutor) Execute(
	ctx context.Context, tx *framework.Tx, v framework.Version, view framework.View, out *framework.Outcome,
) error {
	if err := e.Executor.Execute(ctx, tx, v, view, out); err != nil || out.Status == framework.Rejected || tx.Mode&framework.SkipFee != 0 {
		return err
	}
	in, err := starknet.DecodeInput(tx.Body)
	if err != nil {
		return err
	}
	receipt, err := starknet.DecodeReceipt(out.Receipt)
	if err != nil {
		return err
	}
	v3 := fields(in.Transaction)
	if v3 == nil {
		return nil
	}
	most := new(big.Int)
	for _, b := range []*starknet.ResourceBound{&v3.Bounds.L1Gas, &v3.Bounds.L2Gas, v3.Bounds.L1DataGas} {
		if b != nil {
			price := b.MaxPrice.Felt()
			sum := new(big.Int).Add(price.Big(), new(big.Int).SetUint64(v3.Tip))
			most.Add(most, sum.Mul(sum, new(big.Int).SetUint64(b.MaxAmount)))
		}
	}
	if most.Sign() == 0 {
		return nil // who offers nothing is not charged
	}
	if fee := receipt.ActualFee.Felt(); fee.Big().Cmp(most) > 0 {
		e.t.Errorf("transaction %v pays %v, and offers %v", receipt.TransactionHash, receipt.ActualFee, most)
	}
	return nil
}

// fields returns what transactions of version 3 have, nil for others.
func fields(t starknet.Transaction) *starknet.V3Fields {
	switch t := t.(type) {
	case *starknet.Invoke:
		if t.Version.Number() == 3 {
			return &t.V3
		}
	case *starknet.DeployAccount:
		if t.Version.Number() == 3 {
			return &t.V3
		}
	}
	return nil
}

// TestOffer finds no transaction that pays more than its sender offers, whatever it uses.
func TestOffer(t *testing.T) {
	t.Parallel()
	s := spec(t)
	s.Groups, s.Size = max(s.Groups, 25), 30
	if err := cases.Write(t.Context(), s, &offered{execution.New(execution.Config{}), t}, io.Discard, io.Discard); err != nil {
		t.Error(err)
	}
}
