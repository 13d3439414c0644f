package vmlink

import (
	"encoding/binary"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// The calls of the scheduler's side, with what they carry and what the answer carries, and the one-way frames. Types
// are those of package codec.
const (
	kindOpen    = link.FirstKind + iota // Block -> u64 block, u8 abilities, u32 credits
	kindClose                           // u64 block ->
	kindPredict                         // u64 block, Tx -> [Predicted]
	kindFinals                          // u64 block, u8 first piece, [Final] ->
	kindDown                            // one-way, to the VM: messages
	kindUp                              // one-way, from the VM: messages
	// u64 block, [i64 transaction, u32 number of its last run, u8 whether other writes than those of the outcome follow (0
	// or 1), [Write] if so] ->
	// In place of finals, where both sides have FeatureOutcomes. It fails with framework.ErrClosed if one of the outcomes is
	// not here.
	kindOutcomes
)

// The abilities of an executor, as bits.
const (
	isRewinder = 1 << iota
	isPredictor
)

// tag says what a message is.
type tag uint8

// The messages to the VM. The number of a message is that of a block or of a run.
const (
	tagPublish  tag = 1 + iota // block: Version, [Write], [Add]; of transaction -1: what the base holds
	tagEstimate                // block: Version
	tagForget                  // block: i64 transaction
	tagLearn                   // block: Tx, [Key] reads, [Key] writes
	tagRun                     // run: order
	tagFinish                  // run: u64 block
	tagValues                  // run: u32 ask, u8 base, [Word]
	tagClass                   // run: u32 ask, u8 body follows, Class
	tagRefuse                  // run: u32 ask, Error
	tagStop                    // run: u8 reason
	tagProbe                   // run:
)

// The messages from the VM. The number of a message is that of a run.
const (
	tagMiss     tag = 64 + iota // log, u32 ask, [Key]
	tagAskClass                 // log, u32 ask, Word hash, u8 only whether there is one
	tagProgress                 // log
	tagResult                   // log, u32 number of the run, u32 reads given, u8 end, Error, then Outcome or [Write]
	tagAfter                    // [u64 run] whose proposals it has read, if any; where both sides have FeatureProposals, before the result
)

// Why a run is stopped, as bits.
const (
	stopAborted   = 1 << iota // it is invalid
	stopCancelled             // its context has ended
)

// How a run ended, as bits beside the error.
const (
	endView    = 1 << iota // the error is one that the view returned
	endStopped             // the replica has stopped it
	endWrites              // writes of Finish follow, not an outcome
)

// headerSize is what comes before the payload of a message: tag, number, length.
const headerSize = 1 + 8 + 4

var le = binary.LittleEndian

// openMessage appends the header of a message whose payload is appended next, and returns where it is.
func openMessage(dst []byte, t tag, id uint64) ([]byte, int) {
	dst = le.AppendUint64(append(dst, byte(t)), id)
	return le.AppendUint32(dst, 0), len(dst)
}

// closeMessage says in the header how long the payload has become.
func closeMessage(dst []byte, at int) []byte {
	le.PutUint32(dst[at:], uint32(len(dst)-at-4)) //nolint:gosec // payloads are far below 4 GiB
	return dst
}

// appendMessage appends a message whose payload is there.
func appendMessage(dst []byte, t tag, id uint64, payload []byte) []byte {
	dst, at := openMessage(dst, t, id)
	return closeMessage(append(dst, payload...), at)
}

// eachMessage calls f with the messages of a frame.
func eachMessage(frame []byte, f func(t tag, id uint64, payload []byte) error) error {
	for len(frame) > 0 {
		if len(frame) < headerSize {
			return fmt.Errorf("vmlink: %w: %d bytes where a message begins", codec.ErrMalformed, len(frame))
		}
		t, id, n := tag(frame[0]), le.Uint64(frame[1:]), uint64(le.Uint32(frame[9:]))
		frame = frame[headerSize:]
		if n > uint64(len(frame)) {
			return fmt.Errorf("vmlink: %w: message of %d bytes, %d are left", codec.ErrMalformed, n, len(frame))
		}
		if err := f(t, id, frame[:n]); err != nil {
			return fmt.Errorf("vmlink: message %d of run or block %d: %w", t, id, err)
		}
		frame = frame[n:]
	}
	return nil
}

// order is what the VM is asked to run.
type order struct {
	block   uint64
	version framework.Version // as the scheduler numbers attempts
	flags   uint8
	from    uint32 // the number at the VM of the attempt to go on from
	read    uint32 // and the read
	tx      framework.Tx
	pins    []framework.Write // reads that the view has answered already, in order
}

// The flags of an order.
const (
	orderDirect = 1 << iota // ask the view for every read
	orderResume             // go on from an earlier attempt
	orderElse               // or execute from the start if that cannot be done
)

func (o *order) append(dst []byte) []byte {
	dst = le.AppendUint64(dst, o.block)
	dst = codec.AppendVersion(dst, o.version)
	dst = append(dst, o.flags)
	dst = le.AppendUint32(dst, o.from)
	dst = le.AppendUint32(dst, o.read)
	dst = codec.AppendTx(dst, &o.tx)
	return codec.AppendWrites(dst, o.pins)
}

func (o *order) decode(payload []byte) error {
	d := codec.NewDecoder(payload)
	o.block, o.version, o.flags = d.Uint64(), d.Version(), d.Uint8()
	o.from, o.read = d.Uint32(), d.Uint32()
	d.Tx(&o.tx)
	o.pins = d.Writes(o.pins)
	return d.End()
}

// A log is what a run has read and not yet told: for each call of its view, in order, the keys that are new with the
// values that it saw, or the class that it found by itself.
//
//	log = u32 count, of: u8 0, [Write]  |  u8 1, Word hash

// call is one entry of a log. Reads is valid until the next entry is decoded.
type call struct {
	class bool
	hash  framework.Word
	reads []framework.Write
}

// eachCall decodes a log and calls f with its entries until it returns false; the rest is passed over. c is the
// memory that is used.
func eachCall(d *codec.Decoder, c *call, f func() bool) {
	wanted := true
	for n := d.Count("log", 1+4); n > 0; n-- {
		if c.class = d.Bool(); c.class {
			c.hash = d.Word()
		} else {
			c.reads = d.Writes(c.reads)
		}
		if d.Err() != nil {
			return
		}
		wanted = wanted && f()
	}
}
