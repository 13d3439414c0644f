package starknet_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/sample"
)

// noun is a value with its encoding and what decodes it.
type noun struct {
	name    string
	value   any
	encoded []byte
	// again decodes, and encodes what came out.
	again func(data []byte) (value any, encoded []byte, err error)
}

func again[T any](decode func([]byte) (T, error), encode func([]byte, T) []byte) func([]byte) (any, []byte, error) {
	return func(data []byte) (any, []byte, error) {
		v, err := decode(data)
		if err != nil {
			return nil, nil, err
		}
		return v, encode(nil, v), nil
	}
}

var (
	againTransaction = again(starknet.DecodeTransaction, starknet.AppendTransaction)
	againReceipt     = again(starknet.DecodeReceipt, starknet.AppendReceipt)
	againHeader      = again(starknet.DecodeHeader, starknet.AppendHeader)
	againStateDiff   = again(starknet.DecodeStateDiff, starknet.AppendStateDiff)
	againBlock       = again(starknet.DecodeBlock, starknet.AppendBlock)
	againEnvironment = again(starknet.DecodeEnvironment, starknet.AppendEnvironment)
	againInput       = again(starknet.DecodeInput, starknet.AppendInput)
)

func nouns() []noun {
	c, d := sample.Receipt(), sample.Diff()
	d.Replaced, d.Migrated = d.Deployed[:1], d.Declared[:1]
	traced := c
	traced.Trace = sample.Trace()
	all := []noun{
		{"receipt with calls", &traced, starknet.AppendReceipt(nil, &traced), againReceipt},
		{"receipt", &c, starknet.AppendReceipt(nil, &c), againReceipt},
		{"empty receipt", &starknet.Receipt{}, starknet.AppendReceipt(nil, &starknet.Receipt{}), againReceipt},
		{"header", sample.Header(), starknet.AppendHeader(nil, sample.Header()), againHeader},
		{"state diff", d, starknet.AppendStateDiff(nil, d), againStateDiff},
		{"empty state diff", &starknet.StateDiff{}, starknet.AppendStateDiff(nil, &starknet.StateDiff{}), againStateDiff},
		{"block", sample.Block(), starknet.AppendBlock(nil, sample.Block()), againBlock},
	}
	env := &starknet.Environment{Chain: starknet.Sepolia, FeeTokens: starknet.PublicFeeTokens, Header: *sample.Header()}
	all = append(all, noun{"environment", env, starknet.AppendEnvironment(nil, env), againEnvironment})
	for _, tx := range sample.Transactions() {
		in := &starknet.Input{Transaction: tx, Class: []byte("class"), PaidFee: starknet.Uint128{Hi: 1, Lo: 2}}
		all = append(all, noun{"input " + tx.Kind().String(), in, starknet.AppendInput(nil, in), againInput})
		name := tx.Kind().String() + " " + string('0'+rune(tx.TxVersion().Number()))
		all = append(all, noun{name, tx, starknet.AppendTransaction(nil, tx), againTransaction})
	}
	return all
}

func TestEncodings(t *testing.T) {
	for _, n := range nouns() {
		t.Run(n.name, func(t *testing.T) {
			value, encoded, err := n.again(n.encoded)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(n.value, value); diff != "" {
				t.Errorf("decode(encode) (-want +got):\n%s", diff)
			}
			if !bytes.Equal(encoded, n.encoded) {
				t.Errorf("encode(decode) = %x, want %x", encoded, n.encoded)
			}
			for i := range n.encoded { // each prefix, and each other version
				if _, _, err := n.again(n.encoded[:i]); !errors.Is(err, starknet.ErrEncoding) {
					t.Fatalf("decode of %d of %d bytes = %v, want ErrEncoding", i, len(n.encoded), err)
				}
			}
			if _, _, err := n.again(append(bytes.Clone(n.encoded), 0)); !errors.Is(err, starknet.ErrEncoding) {
				t.Errorf("decode with a byte more = %v, want ErrEncoding", err)
			}
			other := bytes.Clone(n.encoded)
			other[0]++
			if _, _, err := n.again(other); !errors.Is(err, starknet.ErrEncoding) {
				t.Errorf("decode of another version = %v, want ErrEncoding", err)
			}
		})
	}
}

func TestDecodingRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		again func([]byte) (any, []byte, error)
		data  []byte
	}{
		{"unknown kind", againTransaction, []byte{1, 5}},
		{"invoke of version 2", againTransaction, []byte{1, 0, 2, 0, 0, 0, 0, 0}},
		{"felt with a leading zero", againTransaction, []byte{1, 2, 0, 1, 0, 0, 0}},
		{"felt that is the prime", againTransaction, append(append([]byte{1, 2, 0, 32, 8}, make([]byte, 5)...), append(
			append([]byte{0, 0, 0x11}, make([]byte, 23)...), 1, 0, 0)...)},
		{"long varint", againReceipt, []byte{1, 0, 0, 0, 0x80, 0}},
		{"count beyond the input", againStateDiff, []byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}},
		{"calls too deep", againReceipt, deepReceipt()},
		{"boolean 2", againReceipt, []byte{1, 0, 0, 2}},
	} {
		if _, _, err := c.again(c.data); !errors.Is(err, starknet.ErrEncoding) {
			t.Errorf("%s: %v, want ErrEncoding", c.name, err)
		}
	}
}

// deepReceipt returns a receipt with calls that are nested more than any protocol allows.
func deepReceipt() []byte {
	c := new(starknet.Invocation)
	for range 102 {
		c = &starknet.Invocation{Calls: []*starknet.Invocation{c}}
	}
	return starknet.AppendReceipt(nil, &starknet.Receipt{Trace: &starknet.Trace{Execute: c}})
}

func fuzzDecoder(f *testing.F, again func([]byte) (any, []byte, error)) {
	for _, n := range nouns() {
		f.Add(n.encoded)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		value, encoded, err := again(data)
		if err != nil {
			return
		}
		if !bytes.Equal(encoded, data) {
			t.Errorf("encode(decode) = %x, want %x", encoded, data)
		}
		value2, _, err := again(encoded)
		if diff := cmp.Diff(value, value2); err != nil || diff != "" {
			t.Errorf("decode(encode) = %v (-want +got):\n%s", err, diff)
		}
	})
}

func FuzzDecodeTransaction(f *testing.F) {
	for _, tx := range sample.Transactions() {
		f.Add(starknet.AppendTransaction(nil, tx))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tx, err := starknet.DecodeTransaction(data)
		if err != nil {
			return
		}
		if encoded := starknet.AppendTransaction(nil, tx); !bytes.Equal(encoded, data) {
			t.Errorf("encode(decode) = %x, want %x", encoded, data)
		}
		tx.Hash(starknet.Mainnet)
	})
}

func FuzzDecodeReceipt(f *testing.F)     { fuzzDecoder(f, againReceipt) }
func FuzzDecodeHeader(f *testing.F)      { fuzzDecoder(f, againHeader) }
func FuzzDecodeStateDiff(f *testing.F)   { fuzzDecoder(f, againStateDiff) }
func FuzzDecodeBlock(f *testing.F)       { fuzzDecoder(f, againBlock) }
func FuzzDecodeEnvironment(f *testing.F) { fuzzDecoder(f, againEnvironment) }
func FuzzDecodeInput(f *testing.F)       { fuzzDecoder(f, againInput) }
