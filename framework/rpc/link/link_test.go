package link_test

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

func TestEcho(t *testing.T) {
	l, err := link.Listen(socketPath(t), link.Frames, link.Options{Handler: echo})
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan *link.Conn, 1)
	go func() {
		c, err := l.Accept(t.Context())
		if err != nil {
			t.Error(err)
		}
		accepted <- c
	}()
	c, err := link.Dial(t.Context(), l.Ticket(), link.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []link.Kind{echoInline, echoApart} {
		for _, n := range []int{0, 1, 1000, 100_000, 10_000_000} {
			got, err := c.Call(t.Context(), k, make([]byte, n), nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != n {
				t.Fatalf("got %d, want %d", len(got), n)
			}
		}
	}
	c.Close()
	(<-accepted).Close()
	l.Close()
}
