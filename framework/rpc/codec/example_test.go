package codec_test

import (
	"errors"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
)

// A payload is whatever values its kind of frame is made of, appended one after the other and read back in the
// same order.
func Example() {
	keys := []framework.Key{{Space: 1, Slot: framework.Word{7}}}
	payload := codec.AppendKeys(codec.AppendVersion(nil, framework.Version{Tx: 17, Inc: 2}), keys)

	d := codec.NewDecoder(payload)
	v := d.Version()
	got := d.Keys(nil)
	fmt.Println(v.Tx, v.Inc, got[0].Slot[0], d.End())

	d.Reset(payload[:20])
	d.Version()
	d.Keys(nil)
	fmt.Println(d.End())
	fmt.Println(errors.Is(d.End(), codec.ErrMalformed))
	// Output:
	// 17 2 7 <nil>
	// codec: keys at byte 12: malformed: 1 entries of 65 bytes, 4 bytes left
	// true
}
