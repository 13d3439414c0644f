package codec_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
)

// A kind of value, as the tests want it: targets are made, decoded into, and encoded again.
type kind struct {
	name string
	// sample returns a pointer to a value with something in every field.
	sample func(r *rand.Rand) any
	// empty returns a pointer to decode into.
	empty  func() any
	encode func(dst []byte, v any) []byte
	decode func(d *codec.Decoder, v any)
}

func kindOf[T any](name string, sample func(*rand.Rand) T, encode func([]byte, *T) []byte, decode func(*codec.Decoder, *T)) kind {
	return kind{
		name:   name,
		sample: func(r *rand.Rand) any { v := sample(r); return &v },
		empty:  func() any { return new(T) },
		encode: func(dst []byte, v any) []byte { return encode(dst, v.(*T)) },
		decode: func(d *codec.Decoder, v any) { decode(d, v.(*T)) },
	}
}

// byValue adapts the encoder and the decoder of a small value or a column.
func byValue[T any](name string, sample func(*rand.Rand) T, encode func([]byte, T) []byte, decode func(*codec.Decoder) T) kind {
	return kindOf(name, sample,
		func(dst []byte, v *T) []byte { return encode(dst, *v) },
		func(d *codec.Decoder, v *T) { *v = decode(d) })
}

func columnOf[T any](name string, one func(*rand.Rand) T, encode func([]byte, []T) []byte, decode func(*codec.Decoder, []T) []T) kind {
	return kindOf(name,
		func(r *rand.Rand) []T { return some(r, one) },
		func(dst []byte, v *[]T) []byte { return encode(dst, *v) },
		func(d *codec.Decoder, v *[]T) { *v = decode(d, *v) })
}

// some returns up to four values, seldom none.
func some[T any](r *rand.Rand, one func(*rand.Rand) T) []T {
	s := make([]T, r.IntN(5))
	for i := range s {
		s[i] = one(r)
	}
	return s
}

func number(r *rand.Rand) uint64 {
	return [...]uint64{0, 1, r.Uint64(), math.MaxUint64}[r.IntN(4)]
}

func octet(r *rand.Rand) byte { return byte(r.Uint32()) }

func octets(r *rand.Rand) []byte { return some(r, octet) }

func word(r *rand.Rand) framework.Word {
	return framework.Word{number(r), number(r), number(r), number(r)}
}

func key(r *rand.Rand) framework.Key {
	return framework.Key{Space: octet(r), Owner: word(r), Slot: word(r)}
}

func write(r *rand.Rand) framework.Write {
	return framework.Write{Key: key(r), Value: word(r)}
}

func add(r *rand.Rand) framework.Add {
	return framework.Add{Low: key(r), High: key(r), Amount: word(r)}
}

func version(r *rand.Rand) framework.Version {
	return framework.Version{Tx: framework.TxIndex(r.IntN(100) - 1), Inc: framework.Incarnation(r.Uint32())}
}

func read(r *rand.Rand) codec.Read {
	return codec.Read{Key: key(r), Version: version(r), Value: word(r)}
}

func charge(r *rand.Rand) framework.Charge {
	return framework.Charge{Counter: octet(r), Key: key(r), Amount: number(r)}
}

func predicted(r *rand.Rand) framework.Predicted {
	return framework.Predicted{Key: key(r), Access: framework.AccessAdd, Rule: number(r)}
}

func class(r *rand.Rand) framework.Class {
	return framework.Class{Hash: word(r), Body: octets(r)}
}

func usage(r *rand.Rand) framework.Usage {
	return framework.Usage{Counters: some(r, number), Once: some(r, charge)}
}

func outcome(r *rand.Rand) framework.Outcome {
	return framework.Outcome{
		Status:  framework.Status(r.IntN(3)),
		Writes:  some(r, write),
		Adds:    some(r, add),
		Classes: some(r, class),
		Usage:   usage(r),
		Receipt: octets(r),
	}
}

func final(r *rand.Rand) framework.Final {
	o := outcome(r)
	f := framework.Final{Tx: framework.TxIndex(r.IntN(100)), Outcome: &o, Writes: some(r, write)}
	if r.IntN(2) == 0 {
		f.Fault = failure(r)
	}
	return f
}

// failure returns an error that arrives as what it was.
func failure(r *rand.Rand) error {
	known := append(framework.Sentinels(), context.Canceled, context.DeadlineExceeded)
	switch r.IntN(3) {
	case 0:
		return known[r.IntN(len(known))]
	case 1:
		return &framework.Fault{Plugin: "vm.cairo", Block: 7, Version: version(r), Err: known[r.IntN(len(known))]}
	}
	return nil
}

func tx(r *rand.Rand) framework.Tx {
	return framework.Tx{ID: word(r), Mode: framework.Call | framework.SkipFee, Body: octets(r)}
}

func block(r *rand.Rand) framework.Block {
	return framework.Block{
		Number:   framework.BlockNumber(r.IntN(100) - 1),
		Protocol: "0.14.0",
		Header:   octets(r),
		Start:    some(r, write),
		Capacity: some(r, number),
		Trace:    r.IntN(2) == 0,
	}
}

func diff(r *rand.Rand) framework.Diff {
	return framework.Diff{Writes: some(r, write), Classes: some(r, class)}
}

func event(r *rand.Rand) framework.Event {
	return framework.Event{
		Kind:    framework.Aborted,
		Cause:   framework.ValueChanged,
		Worker:  int32(r.IntN(10) - 1),
		Version: version(r),
		At:      time.Duration(r.Int64()),
		Key:     key(r),
		Writer:  version(r),
	}
}

func stats(r *rand.Rand) framework.Stats {
	return framework.Stats{
		Transactions: r.IntN(1000), Executions: number(r), Resumptions: number(r),
		Validations: number(r), Aborts: number(r), Parks: number(r),
	}
}

func head(r *rand.Rand) framework.Head {
	return framework.Head{Number: framework.BlockNumber(r.IntN(100)), Root: framework.Root(word(r))}
}

func query(r *rand.Rand) framework.ProofQuery {
	return framework.ProofQuery{Keys: some(r, key)}
}

func proof(r *rand.Rand) framework.Proof {
	return framework.Proof{Root: framework.Root(word(r)), Body: octets(r)}
}

// kinds are all values that the package encodes. Their order is that of the fuzz corpus: append only.
func kinds() []kind {
	type d = codec.Decoder
	return []kind{
		byValue("word", word, codec.AppendWord, (*d).Word),
		byValue("key", key, codec.AppendKey, (*d).Key),
		byValue("version", version, codec.AppendVersion, (*d).Version),
		byValue("head", head, codec.AppendHead, (*d).Head),
		byValue("stats", stats, codec.AppendStats, (*d).Stats),
		byValue("error", failure, codec.AppendError, (*d).RemoteError),
		columnOf("words", word, codec.AppendWords, (*d).Words),
		columnOf("keys", key, codec.AppendKeys, (*d).Keys),
		columnOf("writes", write, codec.AppendWrites, (*d).Writes),
		columnOf("adds", add, codec.AppendAdds, (*d).Adds),
		columnOf("versions", version, codec.AppendVersions, (*d).Versions),
		columnOf("reads", read, codec.AppendReads, (*d).Reads),
		columnOf("predicted", predicted, codec.AppendPredicted, (*d).Predicted),
		columnOf("numbers", number, codec.AppendUint64s, (*d).Uint64s),
		columnOf("events", event, codec.AppendEvents, (*d).Events),
		columnOf("classes", class, codec.AppendClasses, (*d).Classes),
		columnOf("transactions", tx, codec.AppendTxs, (*d).Txs),
		columnOf("finals", final, codec.AppendFinals, (*d).Finals),
		columnOf("bytes", octet, codec.AppendBytes, (*d).Bytes),
		kindOf("class", class, codec.AppendClass, (*d).Class),
		kindOf("usage", usage, codec.AppendUsage, (*d).Usage),
		kindOf("outcome", outcome, codec.AppendOutcome, (*d).Outcome),
		kindOf("final", final, codec.AppendFinal, (*d).Final),
		kindOf("transaction", tx, codec.AppendTx, (*d).Tx),
		kindOf("block", block, codec.AppendBlock, (*d).Block),
		kindOf("diff", diff, codec.AppendDiff, (*d).Diff),
		kindOf("proofquery", query, codec.AppendProofQuery, (*d).ProofQuery),
		kindOf("proof", proof, codec.AppendProof, (*d).Proof),
	}
}

// failures are errors that arrive as something else than they were, with what must be found in them.
func failures() map[string]error {
	base := errors.New("disk on fire")
	fault := &framework.Fault{Plugin: "store.trie", Block: 3, Version: framework.Version{Tx: framework.NoTx}, Err: base}
	return map[string]error{
		"unknown":       base,
		"empty":         errors.New(""),
		"wrapped":       fmt.Errorf("read: %w", framework.ErrNoBlock),
		"joined":        errors.Join(framework.ErrClosed, base, context.Canceled),
		"wrapped fault": fmt.Errorf("seal 3: %w", fault),
		"fault in fault": &framework.Fault{
			Plugin: "vm.cairo", Block: 3, Version: framework.Version{Tx: 4, Inc: 1},
			Err: fmt.Errorf("view: %w", fault),
		},
	}
}
