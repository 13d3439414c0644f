package replay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/framework/starknet/gateway"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// Prestate is a block with everything that executing it reads, and what it changes: the form in which the sequencer of the
// public networks records blocks to execute them again (starkware-libs/sequencer, crates/blockifier_reexecution).
type Prestate struct {
	Chain starknet.ChainID
	// Notes say which classes run in another way than their code says, because the network did so.
	Notes []string

	block *framework.Block
	txs   []framework.Tx
	// before is all that is known of the state before the block, and after what it changes.
	before, after *framework.Diff
}

// newNames replaces names that the sequencer gave to parts of such a file later by those that it had before.
var newNames = strings.NewReplacer(
	`"serializable_data_base_block"`, `"serializable_data_prev_block"`,
	`"serializable_data_reexecuted_block"`, `"serializable_data_next_block"`,
	`"reexecuted_block_info"`, `"block_info_next_block"`,
	`"reexecuted_block_transactions"`, `"transactions_next_block"`,
	`"reexecuted_block_state_diff"`, `"state_diff_next_block"`,
)

// cells are contracts with their slots.
type cells map[felt.Felt]map[felt.Felt]felt.Felt

// recordedPrestate is the text of a Prestate.
type recordedPrestate struct {
	Prev struct {
		Maps struct {
			Nonces   map[felt.Felt]felt.Felt `json:"nonces"`
			Classes  map[felt.Felt]felt.Felt `json:"class_hashes"`
			Storage  cells                   `json:"storage"`
			Compiled map[felt.Felt]felt.Felt `json:"compiled_class_hashes"`
		} `json:"state_maps"`
		Code map[felt.Felt]json.RawMessage `json:"contract_class_mapping"`
	} `json:"serializable_data_prev_block"`
	Next struct {
		Info recordedInfo         `json:"block_info_next_block"`
		Txs  [][2]json.RawMessage `json:"transactions_next_block"`
		Diff struct {
			Classes  map[felt.Felt]felt.Felt `json:"address_to_class_hash"`
			Nonces   map[felt.Felt]felt.Felt `json:"address_to_nonce"`
			Storage  cells                   `json:"storage_updates"`
			Compiled map[felt.Felt]felt.Felt `json:"class_hash_to_compiled_class_hash"`
		} `json:"state_diff_next_block"`
		Declared map[felt.Felt]json.RawMessage `json:"declared_classes"`
	} `json:"serializable_data_next_block"`
	Chain   string    `json:"chain_id"`
	OldHash felt.Felt `json:"old_block_hash"`
}

type recordedInfo struct {
	Number    uint64    `json:"block_number"`
	Time      uint64    `json:"block_timestamp"`
	Version   string    `json:"starknet_version"`
	Sequencer felt.Felt `json:"sequencer_address"`
	Prices    struct {
		Eth  recordedPrices `json:"eth_gas_prices"`
		Strk recordedPrices `json:"strk_gas_prices"`
	} `json:"gas_prices"`
	Blobs bool `json:"use_kzg_da"`
}

type recordedPrices struct {
	L1     felt.Felt `json:"l1_gas_price"`
	L1Data felt.Felt `json:"l1_data_gas_price"`
	L2     felt.Felt `json:"l2_gas_price"`
}

// ReadPrestate reads a file. What its Sierra classes compile to is in the folder casm, HASH.json. Where the network is known to
// have executed a class in another way than its code says, the block is executed as the network did, unless byCode is set.
func ReadPrestate(path, casm string, byCode bool) (*Prestate, error) {
	text, err := readLimited(path)
	if err != nil {
		return nil, err
	}
	p, err := parsePrestate(text, &Classes{Casm: casm}, byCode)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

func parsePrestate(text []byte, classes *Classes, byCode bool) (*Prestate, error) {
	var r recordedPrestate
	if err := json.Unmarshal([]byte(newNames.Replace(string(text))), &r); err != nil {
		return nil, fmt.Errorf("not a block with its state: %w", err)
	}
	if len(r.Next.Txs) == 0 || r.Next.Info.Version == "" || r.Next.Info.Number > maxNumber {
		return nil, errors.New("not a block with its state: transactions, version or number are missing")
	}
	chain, err := starknet.ParseChainID(r.Chain)
	if err != nil {
		return nil, fmt.Errorf("chain_id: %w", err)
	}
	p := &Prestate{Chain: chain, before: new(framework.Diff), after: new(framework.Diff)}
	fill(p.before, r.Prev.Maps.Nonces, r.Prev.Maps.Classes, r.Prev.Maps.Compiled, r.Prev.Maps.Storage)
	fill(p.after, r.Next.Diff.Nonces, r.Next.Diff.Classes, r.Next.Diff.Compiled, r.Next.Diff.Storage)
	if !byCode {
		number := framework.BlockNumber(r.Next.Info.Number) //nolint:gosec // at most maxNumber
		classes.adapt = func(hash felt.Felt, code *class.Casm) {
			if note := asRun(chain, number, hash, code); note != "" {
				p.Notes = append(p.Notes, note)
			}
		}
	}
	for hash, text := range r.Prev.Code {
		body, err := classes.body("class "+hash.Hex(), text, hash)
		if err != nil {
			return nil, err
		}
		p.before.Classes = append(p.before.Classes, framework.Class{Hash: framework.Word(hash), Body: body})
		p.before.Writes = append(p.before.Writes, framework.Write{Key: starknet.DeclaredKey(hash), Value: framework.Word{1}})
	}
	framework.SortWrites(p.before.Writes)
	framework.SortWrites(p.after.Writes)
	return p, p.fillBlock(&r, classes)
}

// fill adds recorded cells to a diff. Cells that hold 0 are as if they were never written.
func fill(d *framework.Diff, nonces, classes, compiled map[felt.Felt]felt.Felt, storage cells) {
	set := func(k framework.Key, v felt.Felt) {
		if !v.IsZero() {
			d.Writes = append(d.Writes, framework.Write{Key: k, Value: framework.Word(v)})
		}
	}
	for contract, v := range nonces {
		set(starknet.NonceKey(contract), v)
	}
	for contract, v := range classes {
		set(starknet.ClassHashKey(contract), v)
	}
	for class, v := range compiled {
		set(starknet.CompiledClassKey(class), v)
	}
	for contract, slots := range storage {
		for slot, v := range slots {
			set(starknet.StorageKey(contract, slot), v)
		}
	}
}

// fillBlock sets the block and its transactions. Classes are those that they declare.
func (p *Prestate) fillBlock(r *recordedPrestate, classes *Classes) error {
	i := &r.Next.Info
	price := func(wei, fri felt.Felt) starknet.GasPrice {
		return starknet.GasPrice{Wei: starknet.Uint128{Hi: wei[1], Lo: wei[0]}, Fri: starknet.Uint128{Hi: fri[1], Lo: fri[0]}}
	}
	n := framework.BlockNumber(i.Number) //nolint:gosec // at most maxNumber
	env := &starknet.Environment{Chain: p.Chain, FeeTokens: starknet.PublicFeeTokens, Header: starknet.Header{
		Number: n, Timestamp: i.Time, Protocol: i.Version, Sequencer: i.Sequencer,
		L1Gas:     price(i.Prices.Eth.L1, i.Prices.Strk.L1),
		L1DataGas: price(i.Prices.Eth.L1Data, i.Prices.Strk.L1Data),
		L2Gas:     price(i.Prices.Eth.L2, i.Prices.Strk.L2),
	}}
	if i.Blobs {
		env.Header.L1DA = starknet.Blob
	}
	p.block = &framework.Block{
		Number: n, Protocol: i.Version, Header: starknet.AppendEnvironment(nil, env),
		Start: []framework.Write{starknet.BlockHashWrite(n-starknet.BlockHashBuffer, r.OldHash)},
		Trace: true,
	}
	for k, pair := range r.Next.Txs {
		t, err := parseSequencerTx(pair[0])
		if err != nil {
			return fmt.Errorf("transaction %d: %w", k, err)
		}
		in := &starknet.Input{Transaction: t, PaidFee: starknet.Uint128{Lo: 1}}
		if d, ok := t.(*starknet.Declare); ok {
			text, ok := r.Next.Declared[d.ClassHash]
			if !ok {
				return fmt.Errorf("transaction %d: class %v is not among the declared ones", k, d.ClassHash)
			}
			if in.Class, err = classes.body("class "+d.ClassHash.Hex(), text, d.ClassHash); err != nil {
				return fmt.Errorf("transaction %d: %w", k, err)
			}
		}
		p.txs = append(p.txs, in.ToTx(t.Hash(p.Chain)))
	}
	return nil
}

// gatewayTypes are the names that feeder gateways have for kinds of transactions.
var gatewayTypes = map[string]string{
	"Invoke": "INVOKE_FUNCTION", "Declare": "DECLARE", "DeployAccount": "DEPLOY_ACCOUNT", "L1Handler": "L1_HANDLER",
}

// parseSequencerTx parses a transaction in the sequencer's own form, {"Invoke": {"V3": {..}}}.
func parseSequencerTx(data []byte) (starknet.Transaction, error) {
	kind, body, err := onlyEntry(data)
	if err != nil {
		return nil, err
	}
	fields := map[string]json.RawMessage{}
	if kind != "L1Handler" {
		version, inner, err := onlyEntry(body)
		if err != nil || len(version) < 2 {
			return nil, fmt.Errorf("%s: no version: %w", kind, err)
		}
		fields["version"] = json.RawMessage(strconv.Quote("0x" + version[1:]))
		body = inner
	}
	if err := json.Unmarshal(body, &fields); err != nil {
		return nil, err
	}
	if err := toGateway(fields); err != nil {
		return nil, err
	}
	fields["type"] = json.RawMessage(strconv.Quote(gatewayTypes[kind]))
	text, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	t, _, err := gateway.ParseTransaction(text)
	return t, err
}

// toGateway puts the fields of version 3 into the form of feeder gateways.
func toGateway(fields map[string]json.RawMessage) error {
	for _, name := range []string{"nonce_data_availability_mode", "fee_data_availability_mode"} {
		switch string(fields[name]) {
		case `"L1"`:
			fields[name] = json.RawMessage("0")
		case `"L2"`:
			fields[name] = json.RawMessage("1")
		}
	}
	text, ok := fields["resource_bounds"]
	if !ok {
		return nil
	}
	var bounds map[string]json.RawMessage
	if err := json.Unmarshal(text, &bounds); err != nil {
		return fmt.Errorf("resource_bounds: %w", err)
	}
	if data, ok := bounds["L1_DATA"]; ok {
		delete(bounds, "L1_DATA")
		bounds["L1_DATA_GAS"] = data
	}
	var err error
	fields["resource_bounds"], err = json.Marshal(bounds)
	return err
}

// onlyEntry returns the only entry of an object.
func onlyEntry(data []byte) (key string, value json.RawMessage, err error) {
	var entries map[string]json.RawMessage
	if err := json.Unmarshal(data, &entries); err != nil || len(entries) != 1 {
		return "", nil, errors.New("want an object with one entry")
	}
	for key, value = range entries {
	}
	return key, value, nil
}

// onState is a store whose block 0 stands for the state before any block.
type onState struct{ framework.Store }

// At returns the state that was recorded.
func (s onState) At(ctx context.Context, _ framework.BlockNumber) (framework.State, error) {
	return s.Store.At(ctx, 0)
}

// Run executes the block through an assembly, whose store is empty, and returns the first cell in which what it changes
// differs from what was recorded, nil if there is none, and what became of each transaction.
func (p *Prestate) Run(ctx context.Context, s *sequencer.Sequencer) (*Difference, []PrestateRow, error) {
	if err := s.Store.Stage(ctx, 0, p.block.Protocol, p.before); err != nil {
		return nil, nil, err
	}
	on := *s
	on.Store = onState{s.Store}
	q := framework.NewQueue(p.txs...)
	q.Close()
	built, err := on.Execute(ctx, p.block, q)
	if err != nil {
		return nil, nil, err
	}
	rows, err := prestateRows(built)
	if err != nil {
		return nil, nil, err
	}
	old := cellMap(p.before)
	d := p.compare(old, cellMap(&built.Diff), cellMap(p.after))
	return d, rows, p.blame(d, built)
}

func cellMap(d *framework.Diff) map[framework.Key]framework.Word {
	m := make(map[framework.Key]framework.Word, len(d.Writes))
	for _, w := range d.Writes {
		m[w.Key] = w.Value
	}
	return m
}

// compare compares the change of the state with the recorded one, cell by cell in order. What is recorded does not say which
// classes are declared.
func (p *Prestate) compare(old, got, want map[framework.Key]framework.Word) *Difference {
	var all []framework.Write
	for k, v := range got {
		if k.Space != starknet.SpaceDeclared && (v != old[k] || want[k] != (framework.Word{})) {
			all = append(all, framework.Write{Key: k, Value: v})
		}
	}
	for k := range want {
		if _, ok := got[k]; !ok {
			all = append(all, framework.Write{Key: k, Value: old[k]})
		}
	}
	framework.SortWrites(all)
	for _, w := range all {
		expected, changed := want[w.Key]
		if !changed {
			expected = old[w.Key]
		}
		if w.Value != expected {
			return &Difference{
				Block: p.block.Number, What: starknet.CellName(w.Key), cell: w.Key, Old: felt.Felt(old[w.Key]).String(),
				New: felt.Felt(w.Value).String(), Expected: felt.Felt(expected).String(),
			}
		}
	}
	return nil
}

// blame says which transaction was the last to write the cell in which a block differs, if one did.
func (p *Prestate) blame(d *Difference, b *sequencer.Block) error {
	if d == nil {
		return nil
	}
	for i := len(b.Finals) - 1; i >= 0; i-- {
		if !slices.ContainsFunc(b.Finals[i].Writes, func(w framework.Write) bool { return w.Key == d.cell }) {
			continue
		}
		r, err := starknet.DecodeReceipt(b.Finals[i].Outcome.Receipt)
		if err != nil {
			return err
		}
		d.Hint = fmt.Sprintf("last written by transaction %d (%v), which %v", i, r.TransactionHash, b.Finals[i].Outcome.Status)
		if r.RevertReason != "" {
			d.Hint += ": " + r.RevertReason
		}
		d.Calls = r.Trace
		return nil
	}
	return nil
}

// PrestateRow is what became of a transaction of the block.
type PrestateRow struct {
	Tx     int    `json:"tx"`
	Status string `json:"status"`
	Fee    string `json:"fee"`
	L1Gas  uint64 `json:"l1_gas"`
	L1Data uint64 `json:"l1_data_gas"`
	L2Gas  uint64 `json:"l2_gas"`
	Steps  uint64 `json:"steps"`
	Events int    `json:"events"`
}

func prestateRows(b *sequencer.Block) ([]PrestateRow, error) {
	var rows []PrestateRow
	for i := range b.Finals {
		r, err := starknet.DecodeReceipt(b.Finals[i].Outcome.Receipt)
		if err != nil {
			return nil, fmt.Errorf("receipt of transaction %d: %w", i, err)
		}
		row := PrestateRow{
			Tx: i, Status: b.Finals[i].Outcome.Status.String(), Fee: r.ActualFee.String(), Steps: r.Resources.Steps, Events: len(r.Events),
		}
		if g := r.Resources.Gas; g != nil {
			row.L1Gas, row.L1Data, row.L2Gas = g.L1, g.L1Data, g.L2
		}
		rows = append(rows, row)
	}
	return rows, nil
}
