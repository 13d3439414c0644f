package link

import (
	"fmt"
	"time"
)

// Options say how one side of a link behaves. The zero value is valid and serves nothing. What the other side must
// know of it, it is told in the hello.
type Options struct {
	// Handler serves what the other side sends. nil serves nothing.
	Handler Handler
	// Features are names of abilities, told to the other side.
	Features []string

	// MaxFrame is the longest payload of one frame that is accepted; longer ones come, and go, in pieces of this
	// size. 0 means 64 KiB; the least is 1 KiB.
	MaxFrame int
	// MaxMessage bounds the bytes of all payloads together that are arriving in pieces, and so of each. 0 means
	// 64 MiB.
	MaxMessage int64
	// Buffer is how many bytes of frames may wait to be written before senders wait. 0 means 1 MiB.
	Buffer int
	// Calls is how many calls the other side may have open at once. 0 means 1024.
	Calls int
	// Credits limits one-way frames of these kinds: the other side may send so many, and as many more as it is
	// granted. Each side names what it receives.
	Credits map[Kind]int
	// Weigh returns how many credits a frame of a kind with credits costs: the same on both sides, at least 1, such
	// as the number of entries in a batch. On the receiving side an error is a protocol error. It is called from
	// several goroutines. nil means 1.
	Weigh func(k Kind, payload []byte) (int, error)

	// Handshake is how long the other side has for its hello. 0 means 5 s.
	Handshake time.Duration
	// PingEvery is how long the other side may be silent before it is asked for a sign of life, and how long it
	// then has to give it. 0 means 5 s; below 0 it is never asked.
	PingEvery time.Duration
	// Linger is how long Close waits for the other side to take what has been sent. 0 means 1 s.
	Linger time.Duration
	// CheckUser refuses users on the other end of a unix socket. nil accepts the user of this process only.
	CheckUser func(uid int) error
}

const (
	minFrame   = 1 << 10
	readBuffer = 128 << 10
)

func orDefault[T int | int64 | time.Duration](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}

// withDefaults returns o with every zero replaced by what it means.
func (o Options) withDefaults() (Options, error) {
	orDefault(&o.MaxFrame, 64<<10)
	orDefault(&o.MaxMessage, 64<<20)
	orDefault(&o.Buffer, 1024<<10)
	orDefault(&o.Calls, 1024)
	orDefault(&o.Handshake, 5*time.Second)
	orDefault(&o.PingEvery, 5*time.Second)
	orDefault(&o.Linger, time.Second)
	if o.Handler == nil {
		o.Handler = func(*Request) error { return nil }
	}
	if o.Weigh == nil {
		o.Weigh = func(Kind, []byte) (int, error) { return 1, nil }
	}
	if o.CheckUser == nil {
		o.CheckUser = sameUser
	}
	if o.MaxFrame < minFrame || o.MaxFrame > 1<<30 || o.MaxMessage < int64(o.MaxFrame) || o.Buffer < 0 || o.Calls < 0 {
		return o, fmt.Errorf("link: options out of range: max frame %d, max message %d, buffer %d, calls %d",
			o.MaxFrame, o.MaxMessage, o.Buffer, o.Calls)
	}
	for k, n := range o.Credits {
		if k < FirstKind || n < 1 {
			return o, fmt.Errorf("link: options: %d credits for kind %d", n, k)
		}
	}
	return o, nil
}
