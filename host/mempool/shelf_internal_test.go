package mempool

import (
	"bytes"
	"testing"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// FuzzRecord reads whatever may stand on a shelf. What can be read is written again as it was.
func FuzzRecord(f *testing.F) {
	in := &starknet.Input{Transaction: &starknet.L1Handler{Contract: felt.One, Calldata: []felt.Felt{felt.One}}, PaidFee: starknet.Uint128{Lo: 5}}
	tx := in.ToTx(felt.One)
	f.Add(appendRecord(nil, time.Unix(1, 2), tx.Body))
	f.Add([]byte{recordV1})
	f.Fuzz(func(t *testing.T, record []byte) {
		s, err := decodeRecord(felt.One, record)
		if err != nil {
			return
		}
		if s.tx.ID != framework.Word(felt.One) || s.input.Transaction == nil {
			t.Errorf("record %x is %+v", record, s)
		}
		if again := appendRecord(nil, s.arrived, s.tx.Body); !bytes.Equal(again, record) {
			t.Errorf("record %x is written as %x", record, again)
		}
	})
}
