package link

import (
	"fmt"
	"maps"
	"slices"

	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
)

// linkVersion is the version of the rules in the package comment. New abilities are features, not versions.
const linkVersion = 1

// maxHello is the longest hello that is accepted.
const maxHello = 4 << 10

// hello is what each side says of itself first.
type hello struct {
	version    uint16
	token      []byte
	features   []string
	maxFrame   uint32
	maxMessage uint64
	calls      uint32
	credits    map[Kind]uint32
}

// hello returns what this side says of itself.
func (o *Options) hello(token []byte) *hello {
	h := &hello{
		version:    linkVersion,
		token:      token,
		features:   o.Features,
		maxFrame:   uint32(o.MaxFrame),
		maxMessage: uint64(o.MaxMessage),
		calls:      uint32(o.Calls),
		credits:    make(map[Kind]uint32, len(o.Credits)),
	}
	for k, n := range o.Credits {
		h.credits[k] = uint32(n)
	}
	return h
}

func (h *hello) append(dst []byte) []byte {
	dst = le.AppendUint16(dst, h.version)
	dst = codec.AppendBytes(dst, h.token)
	dst = le.AppendUint32(dst, uint32(len(h.features)))
	for _, f := range h.features {
		dst = codec.AppendString(dst, f)
	}
	dst = le.AppendUint32(dst, h.maxFrame)
	dst = le.AppendUint64(dst, h.maxMessage)
	dst = le.AppendUint32(dst, h.calls)
	dst = le.AppendUint32(dst, uint32(len(h.credits)))
	for _, k := range slices.Sorted(maps.Keys(h.credits)) {
		dst = le.AppendUint32(append(dst, uint8(k)), h.credits[k])
	}
	return dst
}

// parseHello reads a hello. Of one of another version only the version is looked at.
func parseHello(b []byte) (*hello, error) {
	d := codec.NewDecoder(b)
	h := &hello{version: d.Uint16(), credits: map[Kind]uint32{}}
	if d.Err() == nil && h.version != linkVersion {
		return nil, fmt.Errorf("%w: the peer speaks link version %d, expected %d", ErrRefused, h.version, linkVersion)
	}
	h.token = d.Bytes(nil)
	for range d.Count("features", 4) {
		h.features = append(h.features, d.String(""))
	}
	h.maxFrame, h.maxMessage, h.calls = d.Uint32(), d.Uint64(), d.Uint32()
	for range d.Count("credits", 5) {
		k := Kind(d.Uint8())
		h.credits[k] = d.Uint32()
	}
	if err := d.End(); err != nil {
		return nil, protocolf("hello: %w", err)
	}
	if h.maxFrame < minFrame || h.maxMessage < uint64(h.maxFrame) {
		return nil, protocolf("hello: max frame %d and max message %d, expected at least %d", h.maxFrame, h.maxMessage, minFrame)
	}
	return h, nil
}
