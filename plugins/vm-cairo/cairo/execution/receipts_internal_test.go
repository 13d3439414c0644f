package execution

import (
	"bytes"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/gateway"
	"github.com/switchyard-dev/switchyard/internal/realdata"
)

// paid is a receipt of a public network, beside what is computed here of the same steps, builtins, events and messages.
type paid struct {
	*attempt

	tx   starknet.Transaction
	want *starknet.Receipt
	// computed is the gas but for what was published, of which the network alone knows how much it was.
	computed starknet.Gas
}

// recordedBlock returns a recorded block, and the same opened by the rules of a protocol.
func recordedBlock(t *testing.T, name, protocol string) (*starknet.Block, *executor) {
	t.Helper()
	data := realdata.Read(t, "chain/blocks/"+name+".json")
	var b *starknet.Block
	if bytes.HasPrefix(bytes.TrimLeft(data, "{\n "), []byte(`"block":`)) {
		r, err := gateway.ParseRecording(data)
		if err != nil {
			t.Fatal(err)
		}
		b = &r.Block.Block
	} else {
		r, err := gateway.ParseBlock(data)
		if err != nil {
			t.Fatal(err)
		}
		b = &r.Block
	}
	env := &starknet.Environment{Chain: starknet.Mainnet, FeeTokens: starknet.PublicFeeTokens, Header: b.Header}
	e, err := New(Config{}).Open(t.Context(), &framework.Block{
		Number: b.Header.Number, Protocol: protocol, Header: starknet.AppendEnvironment(nil, env),
	})
	if err != nil {
		t.Fatal(err)
	}
	return b, e.(*executor) //nolint:forcetypeassert // its own
}

// recompute counts what the receipt of a transaction was paid for.
func recompute(e *executor, tx starknet.Transaction, want *starknet.Receipt) *paid {
	a := &attempt{block: &e.block, vm: e.vm, in: &starknet.Input{Transaction: tx}, mode: framework.Execute}
	a.prepare(want.TransactionHash)
	r := &receipt{messages: want.Messages, events: want.Events}
	if !want.ActualFee.IsZero() {
		r.events = r.events[:len(r.events)-1] // that of the payment
	}
	if l1, ok := tx.(*starknet.L1Handler); ok {
		r.l1Payload = len(l1.Calldata) - 1
	}
	r.total.Steps, r.total.Builtins = want.Resources.Steps, want.Resources.Builtins
	a.addComputation(r)
	a.addArchival(r)
	r.gas.L1 += a.messageGas(r)
	return &paid{a, tx, want, r.gas}
}

// overheadFits reports whether the receipt has at least the steps and the builtins that the operating system takes.
func (p *paid) overheadFits() bool {
	o := p.overhead()
	if da := p.want.Resources.DataAvailability; da != nil && p.blobs() {
		publish := p.rules.Publish(da.L1Data / blobGas)
		o.Add(&publish)
	}
	fits := o.Steps <= p.want.Resources.Steps
	for b, n := range o.Builtins {
		fits = fits && n <= p.want.Resources.Builtins[b]
	}
	return fits
}

// priced reports whether the fee is that of the gas.
func (p *paid) priced() bool { return p.cost(*p.want.Resources.Gas) == p.want.ActualFee }

// counted reports whether the gas is what was computed and what was published, new slots included. Who pays for L2 gas is charged
// for memory holes and for frames that count gas as well, of which receipts since 0.14.0 do not say how many they were.
func (p *paid) counted() bool {
	g, da := p.want.Resources.Gas, p.want.Resources.DataAvailability
	slots := g.L1Data - da.L1Data
	if p.all {
		return g.L1 == p.computed.L1 && g.L2 >= p.computed.L2 && slots%blobGas == 0
	}
	return g.L1 == p.computed.L1+da.L1 && g.L2 == 0 && slots%blobGas == 0
}

// rest returns how much L1 gas was paid for what was published, before receipts said so.
func (p *paid) rest() (uint64, bool) {
	price := p.price(p.env.Header.L1Gas).Lo
	units := p.want.ActualFee.Lo / price
	return units - p.computed.L1, p.want.ActualFee.Lo%price == 0 && units >= p.computed.L1
}

// publishes reports whether so much gas is that of a change of contracts and slots.
func publishes(gas uint64) bool {
	for contracts := range gas / wordGas {
		for classes := range contracts + 1 {
			d := diffCount{contracts: contracts, classes: classes}
			least := wordGas*d.felts() - min(wordGas*d.felts(), contractDiscount*contracts+balanceDiscount)
			if contracts > 0 && gas >= least && (gas-least)%(2*wordGas) == 0 {
				return true
			}
		}
	}
	return false
}

// TestReceipts recomputes the receipts of recorded blocks, whose transactions cannot be executed here because nobody publishes the
// state before them: the fee of the gas, the gas of what was executed, and the overhead in it.
func TestReceipts(t *testing.T) {
	t.Parallel()
	published := func(p *paid) bool { n, ok := p.rest(); return ok && publishes(n) }
	words := func(p *paid) bool { n, ok := p.rest(); return ok && n%(2*legacyWordGas) == 0 }
	of := func(kind starknet.Kind, check func(*paid) bool) func(*paid) bool {
		return func(p *paid) bool { return p.tx.Kind() == kind && check(p) }
	}
	capped := func(p *paid) bool {
		return p.want.Reverted && p.cost(starknet.Gas{L1Data: 192, L2: 1_152_640}) == p.want.ActualFee
	}
	for _, c := range []struct {
		block, protocol string
		what            string
		check           func(*paid) bool
		of, want        int
	}{
		{"mainnet_2238855__0.14.0", "0.14.0", "fee", (*paid).priced, 20, 19},
		{"mainnet_2238855__0.14.0", "0.14.0", "fee that bounds cap", capped, 20, 1},
		{"mainnet_2238855__0.14.0", "0.14.0", "gas", (*paid).counted, 20, 20},
		{"mainnet_2238855__0.14.0", "0.14.0", "overhead", (*paid).overheadFits, 20, 20},
		{"sepolia_integration_63881__0.13.4", "0.13.4", "fee", (*paid).priced, 4, 4},
		{"sepolia_integration_63881__0.13.4", "0.13.4", "gas", (*paid).counted, 4, 4},
		{"sepolia_integration_63881__0.13.4", "0.13.4", "overhead", (*paid).overheadFits, 4, 4},
		{"sepolia_100000__0.13.2", "0.13.2", "fee", (*paid).priced, 2, 2},
		{"sepolia_100000__0.13.2", "0.13.2", "gas", (*paid).counted, 2, 2},
		{"sepolia_100000__0.13.2", "0.13.2", "overhead", (*paid).overheadFits, 2, 2},
		{"mainnet_550000__0.13.0", "0.13.0", "fee", published, 121, 117}, // the others were reverted
		{"mainnet_550000__0.13.0", "0.13.0", "overhead", (*paid).overheadFits, 121, 121},
		{"mainnet_65000__0.11.1", "0.12.3", "fee", of(starknet.KindInvoke, words), 236, 223}, // all invocations
	} {
		t.Run(c.block+"/"+c.what, func(t *testing.T) {
			t.Parallel()
			b, e := recordedBlock(t, c.block, c.protocol)
			n := 0
			for i := range b.Transactions {
				if p := recompute(e, b.Transactions[i], &b.Receipts[i]); c.check(p) {
					n++
				} else {
					t.Logf("transaction %d: gas %+v, computed %+v", i, p.want.Resources.Gas, p.computed)
				}
			}
			if n != c.want || len(b.Transactions) != c.of {
				t.Errorf("%d of %d are as computed, want %d of %d", n, len(b.Transactions), c.want, c.of)
			}
		})
	}
}
