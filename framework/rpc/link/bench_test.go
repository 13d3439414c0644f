package link_test

import (
	"encoding/binary"
	"fmt"
	"path"
	"runtime"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

var (
	carriers = []link.Carrier{link.Frames, link.GRPCStream}
	sizes    = []int{200, 2_000, 20_000}
)

// nameOf returns the carrier's name without its version: a slash would end the name of a benchmark.
func nameOf(c link.Carrier) string { return path.Dir(string(c)) }

// dialChild returns a link to another process that echoes.
func dialChild(b *testing.B, carrier link.Carrier) *link.Conn {
	b.Helper()
	_, ticket := startChild(b, carrier)
	c, err := link.Dial(b.Context(), ticket, link.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Close() })
	return c
}

// cpu returns the CPU time that both processes have used, in ns.
func cpu(b *testing.B, c *link.Conn) int64 {
	b.Helper()
	answer, err := c.Call(b.Context(), echoCPU, nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	return cpuTime() + int64(binary.LittleEndian.Uint64(answer))
}

// reportCPU calls f and reports the CPU time of both processes per call.
func reportCPU(b *testing.B, c *link.Conn, f func()) {
	b.Helper()
	b.ReportAllocs()
	before := cpu(b, c)
	f()
	b.ReportMetric(float64(cpu(b, c)-before)/1e3/float64(b.N), "cpu-µs/call")
}

var handlers = []struct {
	name string
	kind link.Kind
}{{"inline", echoInline}, {"apart", echoApart}}

// BenchmarkPing makes one call at a time to another process, answered with as many bytes as it had.
func BenchmarkPing(b *testing.B) {
	for _, carrier := range carriers {
		c := dialChild(b, carrier)
		for _, h := range handlers {
			for _, size := range sizes {
				b.Run(fmt.Sprintf("carrier=%s/handler=%s/size=%d", nameOf(carrier), h.name, size), func(b *testing.B) {
					payload, dst := make([]byte, size), make([]byte, size)
					var err error
					reportCPU(b, c, func() {
						for b.Loop() {
							if dst, err = c.Call(b.Context(), h.kind, payload, dst); err != nil {
								b.Fatal(err)
							}
						}
					})
				})
			}
		}
	}
}

// BenchmarkCalls makes many calls at a time.
func BenchmarkCalls(b *testing.B) {
	for _, carrier := range carriers {
		c := dialChild(b, carrier)
		for _, h := range handlers {
			for _, flight := range []int{8, 32} {
				for _, size := range sizes {
					b.Run(fmt.Sprintf("carrier=%s/handler=%s/inflight=%d/size=%d", nameOf(carrier), h.name, flight, size), func(b *testing.B) {
						b.SetParallelism(flight / runtime.GOMAXPROCS(0))
						reportCPU(b, c, func() {
							b.RunParallel(func(pb *testing.PB) { callAll(b, c, h.kind, size, pb) })
						})
					})
				}
			}
		}
	}
}

func callAll(b *testing.B, c *link.Conn, k link.Kind, size int, pb *testing.PB) {
	payload, dst := make([]byte, size), make([]byte, size)
	var err error
	for pb.Next() {
		if dst, err = c.Call(b.Context(), k, payload, dst); err != nil {
			b.Error(err)
			return
		}
	}
}

// direct is what two plugins in one process have instead of a link.
type direct interface {
	call(payload, dst []byte) []byte
}

type copier struct{}

func (copier) call(payload, dst []byte) []byte { return append(dst[:0], payload...) }

// BenchmarkDirect is the same call as a call.
func BenchmarkDirect(b *testing.B) {
	for _, size := range sizes {
		b.Run(fmt.Sprintf("size=%d", size), func(b *testing.B) {
			b.ReportAllocs()
			payload, dst := make([]byte, size), make([]byte, size)
			var d direct = copier{}
			for b.Loop() {
				dst = d.call(payload, dst)
			}
		})
	}
}
