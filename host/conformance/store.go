package conformance

import (
	"context"
	"errors"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/rpc/storelink"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/storetest"
)

// StoreOptions say what the suite of stores needs to know.
type StoreOptions struct {
	// Retain is how many sealed blocks the store was told to keep readable: at least 8, or 0 for all.
	Retain int
	// Protocol is passed to Stage.
	Protocol string
	// Starknet says that the store takes cells of Starknet only: see starknet.CheckWrite.
	Starknet bool
}

// store runs the suite of stores. A store whose section mentions the folder is expected to find its blocks there again.
func (s *session) store(t conform.T) {
	subject := storetest.Subject{
		Open:     s.openStore,
		Durable:  hasPlaceholder(s.Config),
		Retain:   s.Store.Retain,
		Protocol: s.Store.Protocol,
		Seed:     s.Seed,
	}
	if s.Store.Starknet {
		subject.Key, subject.Value, subject.Declare = starknetKey, starknetValue, declareClass
		subject.Refused = []framework.Write{
			{Key: starknetKey(0), Value: framework.Word{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}},
			{Key: framework.Key{Space: 200}, Value: framework.Word{1}},
		}
	}
	storetest.Run(t, subject)
}

// openStore opens an instance in a folder.
func (s *session) openStore(t conform.T, dir string) framework.Store {
	t.Helper()
	i, err := s.instance(t.Context(), dir)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	store := storelink.New(0)
	conn, err := s.dial(t.Context(), i, store.Handle)
	if err == nil {
		err = store.Relink(t.Context(), conn, "")
	}
	if err != nil {
		t.Fatalf("%v", errors.Join(err, i.Close(context.WithoutCancel(t.Context()))))
	}
	s.endWith(t, i, conn.Close)
	return store
}

// starknetKey returns the i-th of a series of slots.
func starknetKey(i int) framework.Key {
	return starknet.StorageKey(felt.FromUint64(uint64(1+i/3)), felt.FromUint64(uint64(i)))
}

// starknetValue returns the i-th of a series of felts.
func starknetValue(i int) framework.Word {
	return framework.Word{uint64(i), 0x5eed, uint64(i) << 32, 0x0123_4567_89ab_cdef}
}

// declareClass returns what a diff writes with a class.
func declareClass(class framework.Word) []framework.Write {
	return []framework.Write{
		{Key: starknet.CompiledClassKey(felt.Felt(class)), Value: class},
		{Key: starknet.DeclaredKey(felt.Felt(class)), Value: framework.Word{1}},
	}
}

// unreadable is a store of which only states can be had.
type unreadable struct{}

// Head implements [framework.Store].
func (unreadable) Head(context.Context) (framework.Head, error) { return framework.Head{}, errRefused }

// Stage implements [framework.Store].
func (unreadable) Stage(context.Context, framework.BlockNumber, string, *framework.Diff) error {
	return errRefused
}

// Seal implements [framework.Store].
func (unreadable) Seal(context.Context, framework.BlockNumber) (framework.Root, error) {
	return framework.Root{}, errRefused
}

// Revert implements [framework.Store].
func (unreadable) Revert(context.Context, framework.BlockNumber) error { return errRefused }

// Prove implements [framework.Store].
func (unreadable) Prove(context.Context, framework.BlockNumber, framework.ProofQuery) (*framework.Proof, error) {
	return nil, fmt.Errorf("no proofs: %w", framework.ErrUnsupported)
}

// Close implements [framework.Store]: a scheduler does not own it.
func (unreadable) Close() error { return errRefused }
