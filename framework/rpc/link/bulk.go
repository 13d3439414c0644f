package link

import (
	"context"
	"slices"
)

// maxTransfers bounds how many transfers may be unfinished in each direction.
const maxTransfers = 64

// transfer is a payload that is sent in pieces.
type transfer struct {
	no   uint64
	id   uint64
	kind Kind
	// data belongs to the sender, who waits for done, or to the link if done is nil.
	data []byte
	sent int
	done chan struct{}
}

// bulk holds the transfers of a writer, whose mutex guards it. They take turns, piece by piece.
type bulk struct {
	chunk int    // longest payload of a frame
	limit uint64 // bytes that unfinished transfers may have together
	// queue holds the transfers: first the running ones, whose next turn comes in this order, then those that wait
	// until they fit beside these.
	queue   []*transfer
	running int
	bytes   uint64 // of the running ones
	last    uint64 // number of the transfer that started last
}

// appendTo appends the next piece, if there is one. It returns how many answers are finished with it.
func (u *bulk) appendTo(b []byte) (_ []byte, answers int) {
	u.admit()
	if u.running == 0 {
		return b, 0
	}
	t := u.queue[0]
	if t.no == 0 {
		b = u.first(b, t)
	} else {
		n := min(u.chunk, len(t.data)-t.sent)
		b = appendFrame(b, t.no, kindMore, t.data[t.sent:t.sent+n])
		t.sent += n
	}
	if t.sent < len(t.data) {
		copy(u.queue, u.queue[1:u.running])
		u.queue[u.running-1] = t
		return b, 0
	}
	u.remove(0)
	if t.done != nil {
		close(t.done)
	}
	if isReply(t.kind) {
		return b, 1
	}
	return b, 0
}

// first appends the first piece of t.
func (u *bulk) first(b []byte, t *transfer) []byte {
	u.last++
	t.no = u.last
	t.sent = min(u.chunk-firstSize, len(t.data))
	b = appendHeader(b, t.no, kindFirst, firstSize+t.sent)
	b = le.AppendUint64(b, t.id)
	b = append(b, uint8(t.kind))
	b = le.AppendUint64(b, uint64(len(t.data)))
	return append(b, t.data[:t.sent]...)
}

// admit starts the transfers at the head of those that wait, as far as they fit.
func (u *bulk) admit() {
	for u.running < min(len(u.queue), maxTransfers) {
		n := uint64(len(u.queue[u.running].data))
		if u.bytes+n > u.limit {
			return
		}
		u.bytes += n
		u.running++
	}
}

// remove takes out the transfer at i.
func (u *bulk) remove(i int) {
	if i < u.running {
		u.running--
		u.bytes -= uint64(len(u.queue[i].data))
	}
	u.queue = slices.Delete(u.queue, i, i+1)
}

// transfer sends a payload that is too long for one frame. It returns when the payload is not needed any more.
func (w *writer) transfer(ctx context.Context, ended <-chan struct{}, id uint64, k Kind, payload []byte) error {
	t := &transfer{id: id, kind: k, data: payload, done: make(chan struct{})}
	if err := w.begin(t); err != nil {
		return err
	}
	select {
	case <-t.done:
		return nil
	case <-ctx.Done():
	case <-ended:
	}
	if !w.drop(t) {
		return nil // it was finished meanwhile
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return w.ended // never changed once the link has ended
}

// begin queues t.
func (w *writer) begin(t *transfer) error {
	if uint64(len(t.data)) > w.bulk.limit {
		return ErrTooLarge
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended != nil {
		return w.ended
	}
	w.bulk.queue = append(w.bulk.queue, t)
	w.hand()
	return nil
}

// drop takes t back, and tells the other side if it has begun. It returns false if t was finished.
func (w *writer) drop(t *transfer) bool {
	w.mu.Lock()
	i := slices.Index(w.bulk.queue, t)
	if i < 0 {
		finished := t.sent == len(t.data)
		w.mu.Unlock()
		return !finished
	}
	w.bulk.remove(i)
	if t.no == 0 || w.ended != nil {
		w.mu.Unlock()
		return true
	}
	w.mu.Unlock()
	w.post(t.no, kindDrop, nil, true)
	return true
}

// arriving holds the transfers that have not arrived whole. Only the reader uses it.
type arriving struct {
	limit uint64
	bytes uint64
	open  map[uint64]*arrival
}

// arrival is a payload that arrives in pieces.
type arrival struct {
	frame        // payload is what has arrived
	total uint64 // length of the whole
}

// first takes the first piece of a transfer. It returns the whole if that was all.
func (a *arriving) first(f frame) (whole *frame, err error) {
	if len(f.payload) < firstSize {
		return nil, protocolf("first frame of a transfer has %d bytes, expected at least %d", len(f.payload), firstSize)
	}
	t := &arrival{frame: frame{id: le.Uint64(f.payload), kind: Kind(f.payload[8])}, total: le.Uint64(f.payload[9:])}
	if t.kind < FirstKind && t.kind != kindAnswer && t.kind != kindError {
		return nil, protocolf("transfer of a frame of kind %d, expected an answer or a kind of the adapters", t.kind)
	}
	if _, ok := a.open[f.id]; ok {
		return nil, protocolf("transfer %d begins twice, expected a new number", f.id)
	}
	if t.total > a.limit-a.bytes || len(a.open) == maxTransfers {
		return nil, protocolf("transfer of %d bytes beside %d of %d bytes, expected at most %d of %d bytes",
			t.total, len(a.open), a.bytes, maxTransfers, a.limit)
	}
	a.open[f.id] = t
	a.bytes += t.total
	return a.add(f.id, t, f.payload[firstSize:])
}

// more takes the next piece of a transfer. It returns the whole if that was the last.
func (a *arriving) more(f frame) (whole *frame, err error) {
	t, ok := a.open[f.id]
	if !ok {
		return nil, nil
	}
	return a.add(f.id, t, f.payload)
}

func (a *arriving) add(no uint64, t *arrival, piece []byte) (*frame, error) {
	if uint64(len(t.payload))+uint64(len(piece)) > t.total {
		return nil, protocolf("transfer %d has more than the %d bytes that its first frame said", no, t.total)
	}
	// The memory grows with what arrives, not with what is announced.
	t.payload = append(t.payload, piece...)
	if uint64(len(t.payload)) < t.total {
		return nil, nil
	}
	a.drop(no)
	return &t.frame, nil
}

// drop forgets a transfer.
func (a *arriving) drop(no uint64) {
	if t, ok := a.open[no]; ok {
		a.bytes -= t.total
		delete(a.open, no)
	}
}
