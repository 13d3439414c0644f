package link_test

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// Kinds of the example.
const (
	greet = link.FirstKind + iota
	note
)

// Both ends of a link, here over a pipe in memory. Plugins use Listen and Dial, which open sockets.
func Example() {
	ctx := context.Background()
	noted := make(chan string)
	serve := func(r *link.Request) error {
		switch r.Kind() {
		case greet: // quick: answered at once
			return r.Answer(append([]byte("hello "), r.Payload()...))
		case note: // may take time
			return r.Go(func(_ context.Context, r *link.Request) error {
				noted <- string(r.Payload())
				return nil
			})
		}
		return nil // not known
	}

	a, b := net.Pipe()
	served := make(chan *link.Conn)
	go func() {
		c, _ := link.Server(ctx, a, link.Token{}, link.Options{Handler: serve})
		served <- c
	}()
	c, err := link.Client(ctx, b, link.Token{}, link.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}

	answer, err := c.Call(ctx, greet, []byte("world"), nil)
	fmt.Println(string(answer), err)
	_ = c.Send(ctx, note, []byte("one-way"))
	fmt.Println(<-noted)
	_, err = c.Call(ctx, 99, nil, nil)
	fmt.Println(errors.Is(err, framework.ErrUnsupported))

	_ = (<-served).Close()
	_, err = c.Call(ctx, greet, nil, nil)
	fmt.Println(errors.Is(err, framework.ErrPluginGone))
	_ = c.Close()
	// Output:
	// hello world <nil>
	// one-way
	// true
	// true
}
