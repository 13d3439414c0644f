package replay

import (
	"fmt"
	"strings"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/gateway"
)

// compareReceipts compares what came out of each transaction with what was recorded.
func compareReceipts(b *gateway.Block, finals []framework.Final) ([]starknet.Receipt, *Difference, error) {
	receipts := make([]starknet.Receipt, 0, len(finals))
	for i := range b.Receipts {
		if i >= len(finals) {
			return nil, nil, fmt.Errorf("block %d: %d of %d transactions came out", b.Header.Number, len(finals), len(b.Receipts))
		}
		got, err := starknet.DecodeReceipt(finals[i].Outcome.Receipt)
		if err != nil {
			return nil, nil, fmt.Errorf("block %d: receipt of transaction %d: %w (does the VM execute Starknet's transactions?)", b.Header.Number, i, err)
		}
		if what, have, want := receiptDifference(&b.Receipts[i], got, finals[i].Outcome.Status); what != "" {
			return nil, &Difference{
				Block: b.Header.Number, Expected: want, New: have, Old: "-",
				What:  fmt.Sprintf("%s of transaction %d (%v)", what, i, b.Receipts[i].TransactionHash),
				Calls: got.Trace,
			}, nil
		}
		receipts = append(receipts, *got)
	}
	return receipts, nil, nil
}

// receiptDifference returns the first thing in which two receipts differ, "" if none. What was not recorded is not
// compared.
func receiptDifference(want, got *starknet.Receipt, status framework.Status) (what, have, expected string) {
	recorded := framework.Succeeded
	if want.Reverted {
		recorded = framework.Reverted
	}
	if status != recorded {
		return "status", strings.TrimSuffix(fmt.Sprintf("%v: %s", status, got.RevertReason), ": "), recorded.String()
	}
	gas := func(g, other *starknet.Gas) any {
		if other == nil || g == nil {
			return nil
		}
		return *g
	}
	for _, c := range []struct {
		what       string
		have, want any
	}{
		{"revert reason", got.RevertReason, want.RevertReason},
		{"steps", got.Resources.Steps, want.Resources.Steps},
		{"builtins", got.Resources.Builtins, want.Resources.Builtins},
		{"gas", gas(got.Resources.Gas, want.Resources.Gas), gas(want.Resources.Gas, got.Resources.Gas)},
		{"data availability", gas(got.Resources.DataAvailability, want.Resources.DataAvailability),
			gas(want.Resources.DataAvailability, got.Resources.DataAvailability)},
		{"fee", got.ActualFee, want.ActualFee},
		{"events", got.Events, want.Events},
		{"messages", got.Messages, want.Messages},
	} {
		if have, want := fmt.Sprint(c.have), fmt.Sprint(c.want); have != want {
			return c.what, have, want
		}
	}
	return "", "", ""
}
