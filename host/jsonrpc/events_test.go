package jsonrpc_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// page is a page of events.
type page struct {
	Events []struct {
		From  felt.Felt   `json:"from_address"`
		Keys  []felt.Felt `json:"keys"`
		Data  []felt.Felt `json:"data"`
		Block int         `json:"block_number"`
		Hash  felt.Felt   `json:"block_hash"`
		Tx    felt.Felt   `json:"transaction_hash"`
		Index int         `json:"transaction_index"`
		Event int         `json:"event_index"`
	}
	Token string `json:"continuation_token"`
}

// TestEvents reads the events of some transfers in pages of every size, filtered in every way.
func TestEvents(t *testing.T) {
	t.Parallel()
	n := start(t, 2, nil)
	var hashes []felt.Felt
	for i := range uint64(4) {
		hashes = append(hashes, n.send(n.transfer(0, i, 10+i)))
	}
	n.block()
	n.block()
	n.until(hashes[3], "ACCEPTED_ON_L2")
	token, kind := starknet.PublicFeeTokens.STRK.Hex(), starknet.Selector("Transfer")
	all := func(filter string, size int) (found []string) {
		next := ""
		for range 20 {
			var p page
			n.result("starknet_getEvents", fmt.Sprintf(`[{%s"chunk_size":%d%s}]`, filter, size, next), &p)
			if len(p.Events) > size {
				t.Errorf("%d events in a page of %d", len(p.Events), size)
			}
			for _, e := range p.Events {
				found = append(found, fmt.Sprint(e.Block, e.Index, e.Event, e.Tx == hashes[2*(e.Block-1)+e.Index], !e.Hash.IsZero(), e.Data[2]))
			}
			if p.Token == "" {
				return found
			}
			next = `,"continuation_token":"` + p.Token + `"`
		}
		t.Fatalf("no end of pages")
		return nil
	}
	// A transfer, and that of its fee.
	every := all("", 100)
	if len(every) != 8 || !strings.HasPrefix(every[0], "1 0 0 true true 0xa") || !strings.HasPrefix(every[6], "2 1 0 true true 0xd") {
		t.Fatalf("events %q", every)
	}
	for _, tt := range []struct {
		filter string
		want   []string
	}{
		{`"address":"` + token + `",`, every},
		{`"address":["0x5","` + token + `"],`, every},
		{`"address":"0x5",`, nil},
		{`"keys":[["` + kind.Hex() + `","0x1"],[]],`, every},
		{`"keys":[["0x1"]],`, nil},
		{`"keys":[[],["0x1"]],`, nil},
		{`"from_block":{"block_number":2},`, every[4:]},
		{`"to_block":{"block_number":1},`, every[:4]},
		{`"from_block":"latest","to_block":"pre_confirmed",`, every[4:]},
		{`"from_block":{"block_number":2},"to_block":{"block_number":1},`, nil},
	} {
		for _, size := range []int{1, 3, 8, 1024} {
			if d := cmp.Diff(tt.want, all(tt.filter, size)); d != "" {
				t.Errorf("%s in pages of %d (-want +got):\n%s", tt.filter, size, d)
			}
		}
	}

	var p page
	n.result("starknet_getEvents", `[{"chunk_size":1}]`, &p)
	n.refused(33, "starknet_getEvents", `[{"address":"0x1","chunk_size":1,"continuation_token":"`+p.Token+`"}]`)
	n.refused(33, "starknet_getEvents", `[{"chunk_size":1,"continuation_token":"x"}]`)
	n.refused(31, "starknet_getEvents", `[{"chunk_size":1025}]`)
	n.refused(34, "starknet_getEvents", `[{"chunk_size":1,"keys":[[`+strings.Repeat(`"0x1",`, 100)+`"0x1"]]}]`)
	n.refused(24, "starknet_getEvents", `[{"chunk_size":1,"from_block":{"block_number":77}}]`)
	for _, filter := range []string{`{}`, `{"chunk_size":0}`, `{"chunk_size":1,"x":1}`, `{"chunk_size":1,"address":5}`, `{"chunk_size":1,"to_block":{}}`} {
		n.refused(-32602, "starknet_getEvents", `[`+filter+`]`)
	}
}
