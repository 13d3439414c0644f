package workload

import (
	"encoding/binary"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
)

// The contracts that hold the cells of workloads: numbers far above those of accounts.
const (
	tokenContract   = 1 << 40
	feeContract     = 2 << 40
	chainContract   = 3 << 40
	counterContract = 4 << 40
	poolContract    = 5 << 40
	pairContract    = 6 << 40
	classNumbers    = 7 << 40
	firstAccount    = 1 << 20
)

// accountWord returns the address of account i.
func accountWord(i int) framework.Word {
	return framework.Word{firstAccount + uint64(i)} //nolint:gosec // not negative
}

// Balance returns the cell that holds what account i has.
func Balance(i int) framework.Key {
	return synthetic.Storage(framework.Word{tokenContract}, accountWord(i))
}

// FeeCells returns the pair of cells that the option Fee increases.
func FeeCells() (low, high framework.Key) {
	return slot(feeContract, 0), slot(feeContract, 1)
}

// CounterCell returns the cell that the generator counter increments.
func CounterCell() framework.Key { return slot(counterContract, 0) }

// slot returns a cell of one of the contracts above.
func slot(contract uint64, i int) framework.Key {
	return synthetic.Storage(framework.Word{contract}, framework.Word{uint64(i)}) //nolint:gosec // not negative
}

// ownCell returns cell j of account i itself.
func ownCell(i, j int) framework.Key {
	return synthetic.Storage(accountWord(i), framework.Word{uint64(j)}) //nolint:gosec // not negative
}

// class returns class i of block n. Its body follows from its hash.
func class(i uint64, n framework.BlockNumber) framework.Class {
	hash := framework.Word{classNumbers + i, uint64(n)} //nolint:gosec // not negative
	body := make([]byte, 0, 64)
	for len(body) < cap(body) {
		body = binary.LittleEndian.AppendUint64(body, hash[0]^hash[1]<<32^uint64(len(body)))
	}
	return framework.Class{Hash: hash, Body: body}
}
