package mempool

import (
	"slices"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/felt"
)

// maxMessages is how many messages from L1 wait at most.
const maxMessages = 10_000

// message is a message from L1. It has no sender whose nonce would order it, and no tip.
type message struct {
	framework.Tx
	handed bool
}

// AddMessage adds a message from L1. Messages are handed out before everything else, in the order in which they came.
func (p *Pool) AddMessage(tx framework.Tx) error { return p.addMessage(tx, p.now(), true) }

// addMessage adds a message, which is also put on the shelf if it is not there yet.
func (p *Pool) addMessage(tx framework.Tx, arrived time.Time, shelve bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.findMessage(felt.Felt(tx.ID)) >= 0:
		return refuse(Duplicate, "Message %v is in the mempool already.", felt.Felt(tx.ID))
	case len(p.messages) >= maxMessages:
		return refuse(Full, "Too many messages from L1 wait.")
	}
	if shelve {
		if err := p.shelve(&tx, arrived); err != nil {
			return err
		}
	}
	p.messages = append(p.messages, &message{Tx: tx})
	close(p.wake)
	p.wake = make(chan struct{})
	return nil
}

// Message returns a message that waits, and whether it has been handed out.
func (p *Pool) Message(hash felt.Felt) (tx framework.Tx, handed, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := p.findMessage(hash)
	if i < 0 {
		return tx, false, false
	}
	return p.messages[i].Tx, p.messages[i].handed, true
}

func (p *Pool) findMessage(hash felt.Felt) int {
	return slices.IndexFunc(p.messages, func(m *message) bool { return felt.Felt(m.ID) == hash })
}

// takeMessages hands messages out, at most n.
func (p *Pool) takeMessages(n int) []framework.Tx {
	var txs []framework.Tx
	for _, m := range p.messages {
		if !m.handed && len(txs) < n {
			m.handed = true
			txs = append(txs, m.Tx)
		}
	}
	return txs
}

// dropMessage removes a message that a block has dealt with.
func (p *Pool) dropMessage(hash felt.Felt) {
	if i := p.findMessage(hash); i >= 0 {
		p.messages = slices.Delete(p.messages, i, i+1)
		p.leave(hash)
	}
}
