package jsonrpc

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/host/chain"
)

// What may be asked for at once, and how many blocks are looked through for it.
const (
	maxEvents      = 1024
	maxEventBlocks = 1024
	maxEventKeys   = 100
)

// eventFilter is a filter of events as it comes.
type eventFilter struct {
	From    json.RawMessage `json:"from_block"`
	To      json.RawMessage `json:"to_block"`
	Address json.RawMessage `json:"address"`
	Keys    [][]felt.Felt   `json:"keys"`
	Token   string          `json:"continuation_token,omitempty"`
	Size    int             `json:"chunk_size,omitempty"`
}

func (s *Server) events(ctx context.Context, a *arguments) ([]byte, error) {
	var q eventFilter
	a.read("filter", &q)
	if a.err == nil && q.Size < 1 {
		a.fail("filter", "chunk_size is %d, want at least 1", q.Size)
	}
	f, err := s.filter(a, &q)
	switch {
	case err != nil:
		return nil, err
	case q.Size > maxEvents:
		return nil, &errPageTooBig
	}
	size, token := q.Size, q.Token
	q.Size, q.Token = 0, ""
	id, err := json.Marshal(&q)
	if err != nil {
		return nil, err
	}
	from, err := place(token, id)
	if err != nil {
		return nil, err
	}
	list, next, err := s.chain.Events(ctx, f, from, size, maxEventBlocks)
	if err != nil {
		return nil, err
	}
	page := struct {
		Events []emitted `json:"events"`
		Token  string    `json:"continuation_token,omitempty"`
	}{Events: make([]emitted, len(list))}
	for i := range list {
		page.Events[i] = emittedEvent(&list[i])
	}
	if next != nil {
		page.Token = tokenOf(*next, id)
	}
	return marshal(&page)
}

// filter reads a filter.
func (s *Server) filter(a *arguments, q *eventFilter) (*chain.EventFilter, error) {
	f := &chain.EventFilter{Keys: q.Keys}
	keys := 0
	for _, one := range q.Keys {
		keys += len(one)
	}
	if keys > maxEventKeys {
		return nil, &errTooManyKeys
	}
	if len(q.Address) > 0 && q.Address[0] != '[' {
		q.Address = append(append([]byte{'['}, q.Address...), ']')
	}
	if len(q.Address) > 0 && !bytes.Equal(q.Address, []byte("[null]")) {
		if err := json.Unmarshal(q.Address, &f.Contracts); err != nil {
			a.fail("filter", "address: %v", err)
		}
	}
	if a.err != nil {
		return nil, a.err
	}
	f.To, a.err = s.chain.Latest()
	for _, end := range []struct {
		name string
		raw  json.RawMessage
		into *chain.Ref
	}{{"from_block", q.From, &f.From}, {"to_block", q.To, &f.To}} {
		if a.err == nil && len(end.raw) > 0 && string(end.raw) != "null" {
			*end.into, a.err = a.blockID(s.chain, "filter: "+end.name, end.raw)
		}
	}
	return f, a.err
}

// emitted is an event as it is shown.
type emitted struct {
	From   felt.Felt   `json:"from_address"`
	Keys   []felt.Felt `json:"keys"`
	Data   []felt.Felt `json:"data"`
	Block  *felt.Felt  `json:"block_hash,omitempty"`
	Number int64       `json:"block_number"`
	Tx     felt.Felt   `json:"transaction_hash"`
	Index  int         `json:"transaction_index"`
	Event  int         `json:"event_index"`
}

func emittedEvent(e *chain.EmittedEvent) emitted {
	out := emitted{
		e.From, append([]felt.Felt{}, e.Keys...), append([]felt.Felt{}, e.Data...), nil, int64(e.Block), e.TransactionHash,
		e.Transaction, e.EventPlace.Event,
	}
	if !e.BlockHash.IsZero() {
		out.Block = &e.BlockHash
	}
	return out
}

// tokenOf returns the token for a place in what a filter finds.
func tokenOf(p chain.EventPlace, filter []byte) string {
	h := fnv.New64a()
	h.Write(filter)
	return fmt.Sprintf("%d-%d-%d-%x", p.Block, p.Transaction, p.Event, h.Sum64())
}

// place returns the place that a token of a filter names; the first if there is none.
func place(token string, filter []byte) (p chain.EventPlace, err error) {
	if token == "" {
		return p, nil
	}
	var sum uint64
	if _, err := fmt.Sscanf(token, "%d-%d-%d-%x", &p.Block, &p.Transaction, &p.Event, &sum); err != nil || tokenOf(p, filter) != token {
		return p, &errToken
	}
	return p, nil
}
