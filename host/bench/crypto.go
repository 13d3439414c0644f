package bench

import (
	"context"
	cryptorand "crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/consensys/gnark-crypto/ecc/stark-curve/ecdsa"
	"github.com/consensys/gnark-crypto/ecc/stark-curve/fp"
	pedersenhash "github.com/consensys/gnark-crypto/ecc/stark-curve/pedersen-hash"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/host/report"
)

// CryptoRow is the time of one operation.
type CryptoRow struct {
	Name  string `json:"name"`
	Batch int    `json:"batch"` // how many are done in one call
	Path  string `json:"path"`  // how a batch is done; "single" for what has no batch
	// NsPerOp is the median over the rounds of the processor time of one call, divided by the batch.
	NsPerOp float64 `json:"ns_per_op"`
}

// operation is something to be timed: do calls it once.
type operation struct {
	row CryptoRow
	do  func()
}

// Crypto measures hashes and signatures, and those of gnark-crypto as the baseline, all in turn for rounds rounds.
// The baseline is in the map: the same figures under the names gnark_pedersen_ns, gnark_ecdsa_verify_ns and
// gnark_mul_ns (a multiplication that waits for the one before it).
func Crypto(ctx context.Context, batches []int, rounds int) ([]CryptoRow, map[string]float64, error) {
	hasher := crypto.Default()
	in := newInputs(slices.Max(append(slices.Clone(batches), 1)))
	verify, err := in.verify()
	if err != nil {
		return nil, nil, err
	}
	ops := append(in.singles(hasher), operation{CryptoRow{Name: "ecdsa_verify", Batch: 1, Path: "single"}, verify})
	for _, path := range crypto.Paths() {
		forced, err := hasher.WithPath(path)
		if err != nil {
			return nil, nil, err
		}
		for _, n := range batches {
			ops = append(ops, in.batched(forced, n)...)
		}
	}
	baseline, err := in.gnark()
	if err != nil {
		return nil, nil, err
	}
	figures, err := interleave(ctx, slices.Concat(ops, baseline), rounds)
	if err != nil {
		return nil, nil, err
	}
	rows, run := make([]CryptoRow, len(ops)), map[string]float64{}
	for i, op := range ops {
		rows[i] = op.row
		rows[i].NsPerOp = figures[i]
	}
	for i, op := range baseline {
		run["gnark_"+op.row.Name+"_ns"] = figures[len(ops)+i]
	}
	return rows, run, nil
}

// interleave times all operations in every round and returns the median processor time of each, per element of its
// batch. Processor time does not count what other programs take.
func interleave(ctx context.Context, ops []operation, rounds int) ([]float64, error) {
	const enough = 5 * time.Millisecond // of one operation in one round
	times := make([][]float64, len(ops))
	for round := range rounds + 1 {
		for i, op := range ops {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			calls, meter, start := 0, report.Start(), time.Now()
			for time.Since(start) < enough {
				op.do()
				calls++
			}
			_, cpu := meter.Stop()
			if round > 0 { // the first one only warms up
				times[i] = append(times[i], float64(cpu)/float64(calls)/float64(op.row.Batch))
			}
		}
	}
	medians := make([]float64, len(ops))
	for i := range times {
		medians[i] = report.Median(times[i])
	}
	return medians, nil
}

// inputs are what the operations work on: random felts, the same in every run.
type inputs struct {
	pairs [][2]felt.Felt
	out   []felt.Felt
}

func newInputs(n int) *inputs {
	rnd := rand.New(rand.NewPCG(1, 2))
	in := &inputs{pairs: make([][2]felt.Felt, n), out: make([]felt.Felt, n)}
	for i := range in.pairs {
		for j := range in.pairs[i] {
			in.pairs[i][j] = randomFelt(rnd)
		}
	}
	return in
}

func randomFelt(rnd *rand.Rand) felt.Felt {
	var seed [8]byte
	for i := range seed {
		seed[i] = byte(rnd.Uint32())
	}
	sum := sha256.Sum256(seed[:])
	var z felt.Felt
	z.SetBytesReduce(sum[:])
	return z
}

func (in *inputs) singles(h *crypto.Hasher) []operation {
	x, y := in.pairs[0][0], in.pairs[0][1]
	ops := []operation{
		{CryptoRow{Name: "pedersen"}, func() { in.out[0] = h.Pedersen(x, y) }},
		{CryptoRow{Name: "poseidon"}, func() { in.out[0] = crypto.Poseidon(x, y) }},
		{CryptoRow{Name: "keccak"}, func() { in.out[0] = crypto.Keccak([]byte("transfer")) }},
		{CryptoRow{Name: "blake2s"}, func() { in.out[0] = crypto.Blake2s(x, y) }},
	}
	for i := range ops {
		ops[i].row.Batch, ops[i].row.Path = 1, "single"
	}
	return ops
}

func (in *inputs) batched(h *crypto.Hasher, n int) []operation {
	path := h.Path().String()
	return []operation{
		{CryptoRow{Name: "pedersen", Batch: n, Path: path}, func() { h.PedersenBatch(in.out[:n], in.pairs[:n]) }},
		{CryptoRow{Name: "poseidon", Batch: n, Path: path}, func() { h.PoseidonBatch(in.out[:n], in.pairs[:n]) }},
	}
}

func (in *inputs) verify() (func(), error) {
	private, message := in.pairs[0][0], felt.FromUint64(12345)
	public, err := crypto.PublicKey(private)
	if err != nil {
		return nil, err
	}
	signature, err := crypto.Sign(private, message)
	if err != nil {
		return nil, err
	}
	if !crypto.Verify(public, message, signature) {
		return nil, errors.New("a signature just made does not verify")
	}
	return func() { crypto.Verify(public, message, signature) }, nil
}

// gnark returns the baseline operations of gnark-crypto.
func (in *inputs) gnark() ([]operation, error) {
	x, y := montgomery(in.pairs[0][0]), montgomery(in.pairs[0][1])
	key, err := ecdsa.GenerateKey(cryptorand.Reader)
	if err != nil {
		return nil, fmt.Errorf("gnark-crypto: %w", err)
	}
	message := []byte("12345")
	signature, err := key.Sign(message, nil)
	if err != nil {
		return nil, fmt.Errorf("gnark-crypto: %w", err)
	}
	one := func(name string, do func()) operation { return operation{CryptoRow{Name: name, Batch: 1}, do} }
	const products = 1000
	mul := one("mul", func() {
		for range products {
			x.Mul(&x, &y)
		}
	})
	mul.row.Batch = products
	return []operation{
		one("pedersen", func() { y = pedersenhash.Pedersen(&x, &y) }),
		one("ecdsa_verify", func() { _, _ = key.PublicKey.Verify(signature, message, nil) }),
		mul,
	}, nil
}

func montgomery(x felt.Felt) fp.Element {
	var z fp.Element
	z.SetBigInt(x.Big())
	return z
}
