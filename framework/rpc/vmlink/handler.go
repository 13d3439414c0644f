package vmlink

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
	"github.com/switchyard-dev/switchyard/framework/rpc/replica"
)

// Config says how a handler runs attempts. The zero value is valid.
type Config struct {
	// Plugin is the kind and id of the VM, such as "vm.cairo": what faults name. Empty means "vm".
	Plugin string
	// Workers is how many attempts run at once; those that wait for something do not count. 0 means GOMAXPROCS. A
	// process should have one processor more than workers (GOMAXPROCS), so that what comes over the link is seen
	// while all of them compute.
	Workers int
	// Executes, if not nil, is called before the first attempt that the other side wants executed.
	Executes func()
	// Credits is how many attempts the other side may have here that do not wait for something. 0 means 4 x Workers.
	Credits int
	// ClassBytes bounds the bodies of classes that are remembered. 0 means 256 MiB.
	ClassBytes int
	// NoReplica asks the scheduler for every read, and so never executes anything twice on its own account. It is for
	// comparison.
	NoReplica bool
	// Cells bounds what a block remembers of its base, in cells. 0 means the default of package replica.
	Cells int
}

func (c Config) withDefaults() Config {
	if c.Plugin == "" {
		c.Plugin = "vm"
	}
	if c.Workers <= 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	if c.Credits <= 0 {
		c.Credits = 4 * c.Workers
	}
	if c.ClassBytes <= 0 {
		c.ClassBytes = 256 << 20
	}
	return c
}

// Handler serves a VM over one link: its Handle is the Handler of the link's options. Classes and workers are shared
// by the blocks that are open over it.
type Handler struct {
	vm        framework.VM
	config    Config
	out       *outbox
	pool      *pool
	classes   *classes
	nothing   *replica.Block // of which nothing is ever known: what runs read that have no block, or ask for every read
	attach    sync.Once      // of the link, with the first frame
	conn      *link.Conn     // set by attach
	first     sync.Once      // attempt
	keeps     bool           // outcomes; set by attach, like all that follows
	proposals bool           // both sides know them

	ctx    context.Context //nolint:containedctx // of everything that runs here: ends with the link, or by Close
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu     sync.Mutex // guards all below
	last   uint64     // number of the block opened last
	blocks map[uint64]*block
	runs   map[uint64]*run
	closed bool
}

// NewHandler returns a handler for one link. The VM stays the caller's; it may be served over many links.
func NewHandler(vm framework.VM, c Config) *Handler {
	h := &Handler{
		vm:      vm,
		config:  c.withDefaults(),
		out:     newOutbox(kindUp),
		nothing: replica.New(1),
		blocks:  map[uint64]*block{},
		runs:    map[uint64]*run{},
	}
	h.classes = newClasses(h.config.ClassBytes)
	h.pool = newPool(h)
	h.ctx, h.cancel = context.WithCancel(context.Background())
	return h
}

// Close stops what runs here, closes the blocks that are open, and waits. The end of the link does the same without
// waiting. It may be called again.
func (h *Handler) Close() error {
	h.end()
	h.wg.Wait()
	return nil
}

// end stops what runs here and closes the blocks.
func (h *Handler) end() {
	h.mu.Lock()
	h.closed = true
	open := h.blocks
	h.blocks = map[uint64]*block{}
	for _, r := range h.runs {
		r.stop(haltClosed)
	}
	h.mu.Unlock()
	h.cancel()
	for _, b := range open {
		_ = b.close() // nobody is left to be told
	}
}

// watch is the goroutine that ends everything with the link.
func (h *Handler) watch(conn *link.Conn) {
	select {
	case <-conn.Done():
		h.end()
	case <-h.ctx.Done():
	}
}

// Handle serves one frame. It is a [link.Handler].
func (h *Handler) Handle(r *link.Request) error {
	h.attach.Do(func() {
		h.conn, h.keeps, h.proposals = r.Conn(), r.Conn().Has(FeatureOutcomes), r.Conn().Has(FeatureProposals)
		h.out.open(h.ctx, h.conn)
		h.wg.Go(func() { h.watch(h.conn) })
	})
	if r.Kind() == kindDown && !r.IsCall() {
		return eachMessage(r.Payload(), h.message)
	}
	serve, ok := calls[r.Kind()]
	if !ok || !r.IsCall() {
		return nil
	}
	return r.Go(func(ctx context.Context, r *link.Request) error {
		answer, err := serve(h, ctx, codec.NewDecoder(r.Payload()))
		if err != nil {
			return err
		}
		return r.Answer(answer)
	})
}

// callServer serves one kind of call: it decodes the payload and returns the answer.
type callServer func(h *Handler, ctx context.Context, d *codec.Decoder) ([]byte, error)

var calls = map[link.Kind]callServer{
	kindOpen:    (*Handler).open,
	kindClose:   (*Handler).closeBlock,
	kindPredict: (*Handler).predict,
	kindFinals:  (*Handler).finals,

	kindOutcomes: (*Handler).outcomes,
}

func (h *Handler) open(ctx context.Context, d *codec.Decoder) (_ []byte, err error) {
	block := new(framework.Block)
	d.Block(block)
	if err := d.End(); err != nil {
		return nil, err
	}
	defer h.recoverFault(block.Number, framework.Version{Tx: framework.NoTx}, &err)
	ex, err := h.vm.Open(ctx, block)
	if err != nil {
		return nil, err
	}
	b := newBlock(h, block, ex)
	id, err := h.enter(b)
	if err == nil {
		err = ctx.Err() // nobody waits for it any more
	}
	if err != nil {
		_ = b.close()
		return nil, err
	}
	return le.AppendUint32(append(le.AppendUint64(nil, id), b.abilities()), uint32(h.config.Credits)), nil //nolint:gosec // small
}

// enter gives a block its number.
func (h *Handler) enter(b *block) (uint64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return 0, framework.ErrClosed
	}
	h.last++
	h.blocks[h.last] = b
	return h.last, nil
}

// block returns the block of a number that the other side sent.
func (h *Handler) block(id uint64) (*block, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if b, ok := h.blocks[id]; ok {
		return b, nil
	}
	return nil, fmt.Errorf("block %d: %w", id, framework.ErrClosed)
}

func (h *Handler) closeBlock(_ context.Context, d *codec.Decoder) (_ []byte, err error) {
	id := d.Uint64()
	if err := d.End(); err != nil {
		return nil, err
	}
	b, err := h.block(id)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	delete(h.blocks, id)
	for _, r := range h.runs {
		if r.b == b {
			r.stop(haltClosed)
		}
	}
	h.mu.Unlock()
	defer h.recoverFault(b.block.Number, framework.Version{Tx: framework.NoTx}, &err)
	return nil, b.close()
}

func (h *Handler) predict(_ context.Context, d *codec.Decoder) ([]byte, error) {
	id := d.Uint64()
	var tx framework.Tx
	d.Tx(&tx)
	if err := d.End(); err != nil {
		return nil, err
	}
	b, err := h.block(id)
	if err != nil {
		return nil, err
	}
	return codec.AppendPredicted(nil, b.predict(&tx)), nil
}

func (h *Handler) finals(_ context.Context, d *codec.Decoder) ([]byte, error) {
	id, first := d.Uint64(), d.Bool()
	final := d.Finals(nil)
	if err := d.End(); err != nil {
		return nil, err
	}
	b, err := h.block(id)
	if err != nil {
		return nil, err
	}
	b.collect(first, final)
	return nil, nil
}
