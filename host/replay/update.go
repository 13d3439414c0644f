package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/gateway"
	"github.com/switchyard-dev/switchyard/framework/starknet/openrpc"
)

// Update is the recorded state update of one block.
type Update struct {
	Number   framework.BlockNumber
	Protocol string // as recorded; usually it is not
	OldRoot  felt.Felt
	NewRoot  felt.Felt
	Diff     starknet.StateDiff
	// StorageRoots and StateHashes are what was recorded of contracts after the block, by ascending address.
	StorageRoots []Recorded
	StateHashes  []Recorded
}

// Recorded is a value that was recorded of a contract.
type Recorded struct{ Contract, Value felt.Felt }

// recordedUpdate is the text of an update. Fields that are not named here say nothing of the state.
type recordedUpdate struct {
	Number   *uint64         `json:"block_number"`
	Protocol string          `json:"starknet_version"`
	OldRoot  *felt.Felt      `json:"old_root"`
	NewRoot  *felt.Felt      `json:"new_root"`
	Diff     json.RawMessage `json:"state_diff"`
	Expected struct {
		StorageRoots map[felt.Felt]felt.Felt `json:"contract_storage_roots"`
		StateHashes  map[felt.Felt]felt.Felt `json:"contract_state_hashes"`
	} `json:"expected"`
}

// parseUpdate parses an update. It reports false for named if the text does not say the number of its block.
func parseUpdate(text []byte) (u *Update, named bool, err error) {
	var r recordedUpdate
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, false, fmt.Errorf("not a state update: %w", err)
	}
	switch {
	case r.OldRoot == nil:
		return nil, false, errors.New("not a state update: old_root is missing")
	case r.NewRoot == nil:
		return nil, false, errors.New("not a state update: new_root is missing")
	case r.Diff == nil:
		return nil, false, errors.New("not a state update: state_diff is missing")
	case r.Number != nil && *r.Number > maxNumber:
		return nil, false, fmt.Errorf("block_number: %d is above %d", *r.Number, uint64(maxNumber))
	}
	diff, err := parseDiff(r.Diff)
	if err != nil {
		return nil, false, fmt.Errorf("state_diff: %w", err)
	}
	u = &Update{
		Protocol: r.Protocol, OldRoot: *r.OldRoot, NewRoot: *r.NewRoot, Diff: *diff,
		StorageRoots: recorded(r.Expected.StorageRoots), StateHashes: recorded(r.Expected.StateHashes),
	}
	if r.Number != nil {
		u.Number = framework.BlockNumber(*r.Number) //nolint:gosec // at most maxNumber
	}
	return u, r.Number != nil, nil
}

// parseDiff parses a state diff of the feeder gateway, where storage is an object, or of JSON-RPC, where it is a list.
func parseDiff(text json.RawMessage) (*starknet.StateDiff, error) {
	var shape struct {
		Storage json.RawMessage `json:"storage_diffs"`
	}
	if json.Unmarshal(text, &shape) == nil && bytes.HasPrefix(shape.Storage, []byte("[")) {
		return openrpc.ParseStateDiff(text)
	}
	return gateway.ParseStateDiff(text)
}

func recorded(values map[felt.Felt]felt.Felt) []Recorded {
	var out []Recorded
	for _, contract := range slices.SortedFunc(maps.Keys(values), func(a, b felt.Felt) int { return a.Cmp(&b) }) {
		out = append(out, Recorded{contract, values[contract]})
	}
	return out
}

// contracts returns the contracts of which something was recorded, ascending.
func (u *Update) contracts() []felt.Felt {
	all := map[felt.Felt]bool{}
	for _, r := range slices.Concat(u.StorageRoots, u.StateHashes) {
		all[r.Contract] = true
	}
	return slices.SortedFunc(maps.Keys(all), func(a, b felt.Felt) int { return a.Cmp(&b) })
}

// contractQuery asks for contracts.
func contractQuery(addresses []felt.Felt) framework.ProofQuery {
	var q framework.ProofQuery
	for _, a := range addresses {
		q.Keys = append(q.Keys, starknet.ClassHashKey(a))
	}
	return q
}
