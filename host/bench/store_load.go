package bench

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// StoreCase is a kind of block that is committed.
type StoreCase string

// The cases. Keys are random, as those of Starknet are: hashes.
const (
	// Insert puts 100,000 slots into the storage of a new contract, in an empty store.
	Insert StoreCase = "insert_100k"
	// Update changes 10,000 slots of a contract with many.
	Update StoreCase = "update_10k"
	// BlockLike changes 1,200 slots, six in each of 200 contracts, in a state of many contracts; the 200 have as many
	// slots, together, as there are contracts.
	BlockLike StoreCase = "block_like"
)

// StoreCases returns all cases.
func StoreCases() []StoreCase { return []StoreCase{Insert, Update, BlockLike} }

const (
	insertWrites   = 100_000
	updateWrites   = 10_000
	blockContracts = 200
	blockWrites    = 1_200
	// buildWrites is the size of the blocks in which a state is built.
	buildWrites = 100_000
)

// defaultKeys is the size of the state that block_like has if its name does not say it.
const defaultKeys = 1_000_000

// Name returns what rows call the case in a state of so many keys.
func (c StoreCase) Name(keys int) string {
	switch {
	case c == Insert || c == BlockLike && keys == defaultKeys:
		return string(c)
	case keys%1_000_000 == 0:
		return fmt.Sprintf("%s_of_%dm", c, keys/1_000_000)
	case keys%1_000 == 0:
		return fmt.Sprintf("%s_of_%dk", c, keys/1_000)
	}
	return fmt.Sprintf("%s_of_%d", c, keys)
}

// Check returns an error if a state of so many keys is too small for the case.
func (c StoreCase) Check(keys int) error {
	least := 0
	switch c {
	case Insert:
	case Update:
		least = updateWrites
	case BlockLike:
		least = blockWrites
	default:
		return fmt.Errorf("no case %q, there is %v", c, StoreCases())
	}
	if keys < least || keys > 1<<30 {
		return fmt.Errorf("%s in a state of %d keys: want %d to %d", c, keys, least, 1<<30)
	}
	return nil
}

// number returns the i-th of a sequence of different random numbers below 2^250.
func number(sequence, i uint64) felt.Felt {
	r := rand.NewPCG(sequence, i)
	return felt.Felt{r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64() >> 6}
}

// The sequences of numbers.
const (
	addresses uint64 = iota
	slots
	values // and all above: the values of block n are values+n
)

func slotWrite(contract, slot int, block uint64) framework.Write {
	key := starknet.StorageKey(number(addresses, uint64(contract)), number(slots, uint64(slot)))
	return framework.Write{Key: key, Value: framework.Word(number(values+block, uint64(slot)))}
}

// state is all that is written before the measured blocks: write i of so many.
func (c StoreCase) state(keys int) (writes int, at func(i int) framework.Write) {
	switch c {
	case Update:
		return keys, func(i int) framework.Write { return slotWrite(0, i, 0) }
	case BlockLike:
		return 2 * keys, func(i int) framework.Write {
			if i < keys {
				return framework.Write{Key: starknet.NonceKey(number(addresses, uint64(i))), Value: framework.Word{1}}
			}
			return slotWrite((i-keys)%blockContracts, i-keys, 0)
		}
	}
	return 0, nil
}

// block returns the changes of one measured block. Different blocks change different slots.
func (c StoreCase) block(keys int, block uint64) *framework.Diff {
	r := rand.New(rand.NewPCG(block, 1))
	seen := map[int]bool{}
	pick := func(below int, slot func(i int) int) int {
		for {
			if s := slot(r.IntN(below)); !seen[s] {
				seen[s] = true
				return s
			}
		}
	}
	d := new(framework.Diff)
	switch c {
	case Insert:
		for i := range insertWrites {
			d.Writes = append(d.Writes, slotWrite(0, i, block))
		}
	case Update:
		for range updateWrites {
			d.Writes = append(d.Writes, slotWrite(0, pick(keys, func(i int) int { return i }), block))
		}
	case BlockLike:
		for i := range blockWrites {
			contract := i % blockContracts
			slot := pick(keys/blockContracts, func(i int) int { return i*blockContracts + contract })
			d.Writes = append(d.Writes, slotWrite(contract, slot, block))
		}
	}
	framework.SortWrites(d.Writes)
	return d
}

// build fills an empty store with the state of a case.
func (c StoreCase) build(ctx context.Context, store framework.Store, keys int) error {
	writes, at := c.state(keys)
	for n, from := framework.BlockNumber(0), 0; from < writes; n, from = n+1, from+buildWrites {
		d := new(framework.Diff)
		for i := from; i < min(from+buildWrites, writes); i++ {
			d.Writes = append(d.Writes, at(i))
		}
		framework.SortWrites(d.Writes)
		if _, err := commit(ctx, store, n, d); err != nil {
			return err
		}
	}
	return nil
}

// commit stages and seals a block.
func commit(ctx context.Context, store framework.Store, n framework.BlockNumber, d *framework.Diff) (framework.Root, error) {
	if err := store.Stage(ctx, n, "", d); err != nil {
		return framework.Root{}, err
	}
	return store.Seal(ctx, n)
}
