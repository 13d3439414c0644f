package link_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/rpc/link"
	"go.uber.org/goleak"
)

// The test binary starts itself again as the other end of a link, where a test needs another process.
const (
	childPath    = "LINK_TEST_PATH"
	childCarrier = "LINK_TEST_CARRIER"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childPath); path != "" {
		if err := child(path, link.Carrier(os.Getenv(childCarrier))); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// Kinds that the echo serves.
const (
	echoInline = link.FirstKind + iota // answers what it was asked, in the reader
	echoApart                          // the same in a goroutine
	echoCPU                            // answers how much CPU time its process has used, in ns
	echoHang                           // waits until its context ends
)

func echo(r *link.Request) error {
	switch r.Kind() {
	case echoInline:
		return r.Answer(r.Payload())
	case echoApart:
		return r.Go(func(_ context.Context, r *link.Request) error { return r.Answer(r.Payload()) })
	case echoCPU:
		return r.Answer(binary.LittleEndian.AppendUint64(nil, uint64(cpuTime())))
	case echoHang:
		return r.Go(func(ctx context.Context, _ *link.Request) error {
			<-ctx.Done()
			return ctx.Err()
		})
	}
	return nil
}

// cpuTime returns the CPU time that this process has used, in ns.
func cpuTime() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

// child listens at path, prints the token, and echoes until the link ends.
func child(path string, carrier link.Carrier) error {
	l, err := link.Listen(path, carrier, link.Options{Handler: echo})
	if err != nil {
		return err
	}
	token := l.Ticket().Token
	fmt.Println(hex.EncodeToString(token[:]))
	c, err := l.Accept(context.Background())
	if err != nil {
		return err
	}
	<-c.Done()
	return l.Close()
}

// startChild starts a process that echoes, and returns it and the ticket for it. It ends with the test.
func startChild(t testing.TB, carrier link.Carrier) (*exec.Cmd, link.Ticket) {
	t.Helper()
	ticket := link.Ticket{Carrier: carrier, Path: socketPath(t)}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childPath+"="+ticket.Path, childCarrier+"="+string(carrier))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hex.Decode(ticket.Token[:], []byte(strings.TrimSpace(line))); err != nil {
		t.Fatal(err)
	}
	return cmd, ticket
}

// socketPath returns where a test may listen. Paths of sockets are short, those of t.TempDir need not be.
func socketPath(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "link") //nolint:usetesting // t.TempDir has the name of the test in its path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}
