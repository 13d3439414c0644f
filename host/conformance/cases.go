package conformance

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/vmtest"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
)

// Cases is what the suite of VMs executes: a state, a block on it, and transactions that together show all that the
// VM can do. In JSON, words are numbers in hex ("0x1f") and bytes are hex too, or text if they do not begin with 0x.
type Cases struct {
	Protocol string  `json:"protocol"`
	Header   Bytes   `json:"header"`
	Start    []Cell  `json:"start"`
	Base     []Cell  `json:"base"`
	Classes  []Class `json:"classes"`
	// Transactions are executed in this order.
	Transactions []Transaction `json:"transactions"`
	// Spin is a transaction that computes for long on Base without reading, and then ends.
	Spin *Transaction `json:"spin"`
	// UnknownProtocol and BadHeader are refused by the VM. Empty: it takes any.
	UnknownProtocol string `json:"unknown_protocol"`
	BadHeader       Bytes  `json:"bad_header"`

	// declared returns the key that says whether a class is declared.
	declared func(class framework.Word) framework.Key
}

// Cell is a cell of the state and what it holds.
type Cell struct {
	Space uint8 `json:"space"`
	Owner Word  `json:"owner"`
	Slot  Word  `json:"slot"`
	Value Word  `json:"value"`
}

// Class is a class that is declared in the state.
type Class struct {
	Hash Word  `json:"hash"`
	Body Bytes `json:"body"`
}

// Transaction is one transaction and how it is expected to end.
type Transaction struct {
	Name string `json:"name"`
	ID   Word   `json:"id"`
	Mode uint8  `json:"mode"`
	Body Bytes  `json:"body"`
	// Status is succeeded, reverted or rejected; empty if anything well-formed will do.
	Status string `json:"status"`
}

// Word is a word in hex.
type Word framework.Word

// UnmarshalText implements [encoding.TextUnmarshaler].
func (w *Word) UnmarshalText(text []byte) error {
	digits, ok := strings.CutPrefix(string(text), "0x")
	n, isHex := new(big.Int).SetString(digits, 16)
	if !ok || !isHex || n.Sign() < 0 || n.BitLen() > 256 {
		return fmt.Errorf("%q is no word: write a number in hex, such as 0x1f", text)
	}
	for i := range w {
		w[i] = new(big.Int).Rsh(n, uint(64*i)).Uint64()
	}
	return nil
}

// Bytes are bytes in hex, or text.
type Bytes []byte

// UnmarshalText implements [encoding.TextUnmarshaler].
func (b *Bytes) UnmarshalText(text []byte) (err error) {
	digits, isHex := strings.CutPrefix(string(text), "0x")
	if !isHex {
		*b = bytes.Clone(text)
		return nil
	}
	if *b, err = hex.DecodeString(digits); err != nil {
		return fmt.Errorf("%q: %w", text, err)
	}
	return nil
}

// ReadCases reads cases in JSON.
func ReadCases(r io.Reader) (*Cases, error) {
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	c := new(Cases)
	if err := dec.Decode(c); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	if len(c.Transactions) == 0 {
		return nil, errors.New("there are no transactions")
	}
	for _, tx := range c.Transactions {
		if _, err := tx.check(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// WorkloadCases returns the transactions of a workload, which the VM synthetic executes.
func WorkloadCases(name string, seed uint64) (*Cases, error) {
	w, err := workload.New(workload.Spec{Name: name, Transactions: 16, Accounts: 8, Seed: seed, Fee: "add", FailPct: 10})
	if err != nil {
		return nil, err
	}
	block, txs := w.Block(1)
	c := &Cases{Protocol: block.Protocol, Header: block.Header, declared: synthetic.Declared}
	for _, s := range block.Start {
		c.Start = append(c.Start, cell(s))
	}
	genesis := w.Genesis()
	for _, s := range genesis.Writes {
		c.Base = append(c.Base, cell(s))
	}
	for _, s := range genesis.Classes {
		c.Classes = append(c.Classes, Class{Word(s.Hash), s.Body})
	}
	for i := range txs {
		c.Transactions = append(c.Transactions, transaction(fmt.Sprint(i), &txs[i]))
	}
	long := synthetic.Program{Cost: 20 * time.Millisecond}
	tx := long.Tx(framework.Word{1})
	spin := transaction("spin", &tx)
	c.Spin = &spin
	return c, nil
}

func cell(w framework.Write) Cell {
	return Cell{w.Key.Space, Word(w.Key.Owner), Word(w.Key.Slot), Word(w.Value)}
}

func transaction(name string, tx *framework.Tx) Transaction {
	return Transaction{Name: name, ID: Word(tx.ID), Mode: uint8(tx.Mode), Body: tx.Body}
}

func (t Transaction) tx() framework.Tx {
	return framework.Tx{ID: framework.Word(t.ID), Mode: framework.Mode(t.Mode), Body: t.Body}
}

// check returns what is expected of the transaction.
func (t Transaction) check() (func(*framework.Outcome) error, error) {
	if t.Status == "" {
		return nil, nil
	}
	for _, s := range []framework.Status{framework.Succeeded, framework.Reverted, framework.Rejected} {
		if t.Status == s.String() {
			return vmtest.Ends(s), nil
		}
	}
	return nil, fmt.Errorf("transaction %q: no status %q, there is succeeded, reverted and rejected", t.Name, t.Status)
}

// subject returns the cases as the suite knows them.
func (c *Cases) subject() vmtest.Subject {
	s := vmtest.Subject{
		Block: framework.Block{Number: 1, Protocol: c.Protocol, Header: c.Header, Start: writes(c.Start)},
		Base:  framework.Diff{Writes: writes(c.Base)}, Declared: c.declared,
		UnknownProtocol: c.UnknownProtocol, BadHeader: c.BadHeader,
	}
	for _, class := range c.Classes {
		s.Base.Classes = append(s.Base.Classes, framework.Class{Hash: framework.Word(class.Hash), Body: class.Body})
	}
	for _, t := range c.Transactions {
		check, _ := t.check() // it was checked when it was read
		s.Txs = append(s.Txs, vmtest.Case{Name: t.Name, Tx: t.tx(), Check: check})
	}
	if c.Spin != nil {
		spin := c.Spin.tx()
		s.Spin = &spin
	}
	return s
}

func writes(cells []Cell) []framework.Write {
	all := make([]framework.Write, len(cells))
	for i, c := range cells {
		key := framework.Key{Space: c.Space, Owner: framework.Word(c.Owner), Slot: framework.Word(c.Slot)}
		all[i] = framework.Write{Key: key, Value: framework.Word(c.Value)}
	}
	framework.SortWrites(all)
	return all
}
