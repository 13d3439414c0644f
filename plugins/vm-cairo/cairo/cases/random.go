package cases

import (
	"math/rand/v2"
	"strings"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// dice makes random arguments.
type dice struct {
	*rand.Rand

	w *world
	// turn counts the calls that take every function in turn.
	turn int
	// truth is what contracts can ask of the transaction in the making, by the names of arguments that want it.
	truth map[string][]felt.Felt
}

// maxDepth limits how deep calls stand in arguments of calls.
const maxDepth = 4

// pick returns one of a list.
func pick[T any](d *dice, list []T) T { return list[d.IntN(len(list))] }

// value returns a number: mostly a small one.
func (d *dice) value() felt.Felt {
	switch n := d.IntN(20); {
	case n < 12:
		return felt.FromUint64(d.Uint64N(8))
	case n < 15:
		return felt.FromUint64(d.count(60))
	case n < 16:
		return pick(d, d.w.contracts).address
	case n < 17:
		return felt.FromUint64(d.Uint64())
	case n < 18:
		return felt.Felt{d.Uint64(), d.Uint64()}
	case n < 19:
		x := felt.Felt{d.Uint64(), d.Uint64(), d.Uint64(), d.Uint64() >> 5}
		return x
	}
	var x felt.Felt
	x.Sub(&x, &felt.One)
	return x
}

// count returns a number below n, or now and then one just above the limits of events.
func (d *dice) count(n uint64) uint64 {
	if d.IntN(60) == 0 {
		return pick(d, []uint64{51, 301, 1001})
	}
	return d.Uint64N(n)
}

// callee is a call in the making: whom it is for and what of it, and who calls.
type callee struct {
	kind     *kind
	f        *function
	at, from felt.Felt
	// deploys says that the call is that of the constructor of the class, of which f may be none.
	deploys bool
}

// aim chooses a contract or a class, and an entry point of it: now and then the next in turn, so that each is called, and more
// often one that looks at its surroundings.
func (d *dice) aim() (contract, callee) {
	if d.IntN(4) == 0 {
		d.turn++
		t := d.w.targets[d.turn%len(d.w.targets)]
		return t.contract, callee{kind: t.kind, f: t.f, at: t.address}
	}
	look := d.IntN(8) == 0
	for {
		c := pick(d, d.w.contracts)
		t := callee{kind: c.kind, at: c.address}
		if len(c.external) > 0 {
			t.f = &c.external[d.IntN(len(c.external))]
		}
		if !look || t.f != nil && t.f.looks() {
			return c, t
		}
	}
}

// calldata returns arguments for a function, wrong ones now and then.
func (d *dice) calldata(to callee, depth int) []felt.Felt {
	k, f := to.kind, to.f
	if f == nil {
		return d.list(3)
	}
	if f.name == "invoke_call_chain" && d.IntN(4) > 0 {
		chain := d.chain(depth)
		return append([]felt.Felt{felt.FromUint64(uint64(len(chain)))}, chain...)
	}
	if k.name == "fuzz_revert_orchestrator" && f.name == "initialize" {
		list := d.scenario()
		return append([]felt.Felt{felt.FromUint64(uint64(len(list)))}, list...)
	}
	out := d.arguments(&to, f.inputs, depth)
	switch d.IntN(40) {
	case 0:
		out = append(out, d.value())
	case 1:
		if len(out) > 0 {
			out = out[:len(out)-1]
		}
	}
	return out
}

// arguments returns values for a list of arguments of a call.
func (d *dice) arguments(c *callee, list []input, depth int) (out []felt.Felt) {
	var to callee
	for i := 0; i < len(list); i++ {
		in := list[i]
		if i+1 < len(list) && list[i+1].kind == "felt*" {
			data := d.array(c, to, depth)
			out = append(append(out, felt.FromUint64(uint64(len(data)))), data...)
			to, i = callee{}, i+1
			continue
		}
		out = append(out, d.argument(c, in, &to, depth)...)
	}
	return out
}

// array returns the calldata of a call that stands before it, or any list.
func (d *dice) array(c *callee, to callee, depth int) []felt.Felt {
	if to.f == nil && to.deploys {
		return nil
	}
	if to.f == nil || depth >= maxDepth {
		return d.list(4)
	}
	to.from = c.at
	return d.calldata(to, depth+1)
}

func (d *dice) list(n int) []felt.Felt {
	out := make([]felt.Felt, d.IntN(n))
	for i := range out {
		out[i] = d.value()
	}
	return out
}

// argument returns a value for one argument of call c.
func (d *dice) argument(c *callee, in input, to *callee, depth int) []felt.Felt {
	if v, ok := d.known(c, in.name); ok {
		return v
	}
	name, item := short(in.kind)
	switch name {
	case "Array", "Span":
		if last, _ := short(item); last != "felt252" {
			n := d.IntN(3)
			out := []felt.Felt{felt.FromUint64(uint64(n))}
			for range n {
				out = append(out, d.argument(c, input{in.name, item}, to, depth)...)
			}
			return out
		}
		data := d.array(c, *to, depth)
		*to = callee{}
		return append([]felt.Felt{felt.FromUint64(uint64(len(data)))}, data...)
	case "bool":
		return []felt.Felt{felt.FromUint64(d.Uint64N(2))}
	case "u8", "u16", "u32", "u64", "u128", "usize":
		return []felt.Felt{felt.FromUint64(d.count(12))}
	case "u256":
		return []felt.Felt{{d.Uint64(), d.Uint64()}, {d.Uint64(), d.Uint64()}}
	case "StorageAddress":
		return []felt.Felt{felt.FromUint64(d.Uint64N(6))}
	}
	if members, ok := c.kind.structs[in.kind]; ok {
		return d.arguments(c, members, depth)
	}
	return []felt.Felt{d.named(c, in, name, to)}
}

// named returns a value that fits to the name of an argument.
func (d *dice) named(caller *callee, in input, kind string, to *callee) felt.Felt {
	n := strings.ToLower(in.name)
	if d.IntN(25) == 0 {
		return d.value()
	}
	switch {
	case kind == "ClassHash" || strings.Contains(n, "class_hash") || strings.Contains(n, "implementation"):
		c, t := d.aim()
		if *to = t; strings.Contains(caller.f.name, "deploy") {
			to.f, to.deploys = c.constructor, true
		}
		return c.hash
	case kind == "ContractAddress" || strings.Contains(n, "address") && !strings.Contains(n, "storage"):
		c, t := d.aim()
		*to = t
		return c.address
	case strings.Contains(n, "selector") || strings.Contains(n, "entry_point"):
		if to.f != nil {
			return to.f.selector
		}
	}
	return d.value()
}

// chain returns a chain of calls, as the entry points invoke_call_chain take it.
func (d *dice) chain(depth int) []felt.Felt {
	if depth >= 2*maxDepth || d.IntN(5) == 0 {
		return d.list(3)
	}
	c := pick(d, d.w.contracts)
	for !c.has("invoke_call_chain") {
		c = pick(d, d.w.contracts)
	}
	rest := d.chain(depth + 1)
	link := append([]felt.Felt{{}, starknet.Selector("invoke_call_chain")}, felt.FromUint64(d.Uint64N(3)))
	link[0] = c.address
	if link[2] == felt.One {
		link[0] = c.hash
	}
	if d.IntN(8) == 0 {
		link[1] = starknet.Selector("fail")
		return append(link, d.list(2)...)
	}
	if link[2].IsUint64() && link[2][0] < 2 {
		link = append(link, felt.FromUint64(uint64(len(rest))))
	}
	return append(link, rest...)
}

// fuzzers are the classes that play a scenario.
var fuzzers = []string{"fuzz_revert", "fuzz_revert_2", "fuzz_revert_compiled"}

// fuzzer returns a contract of one of them.
func (d *dice) fuzzer() contract {
	for {
		c := pick(d, d.w.contracts)
		for _, n := range fuzzers {
			if c.name == n {
				return c
			}
		}
	}
}

// scenario returns a list of steps for the contract that conducts a test of reverts.
func (d *dice) scenario() (out []felt.Felt) {
	play := starknet.Selector("test_revert_fuzz")
	n := felt.FromUint64
	for range 3 + d.IntN(12) {
		op := d.Uint64N(18)
		if op == 0 && d.IntN(2) == 0 {
			op = 3
		}
		out = append(out, n(op))
		switch op {
		case 1:
			out = append(out, d.fuzzer().address, play, n(d.Uint64N(3)/2))
		case 2:
			out = append(out, d.fuzzer().hash, play, n(d.Uint64N(3)/2))
		case 3:
			out = append(out, n(d.Uint64N(4)), n(d.Uint64N(3)))
		case 4:
			out = append(out, d.fuzzer().hash)
		case 5:
			out = append(out, d.fuzzer().hash, n(d.Uint64N(4)))
		case 6, 8, 11, 12, 16:
			out = append(out, n(d.Uint64N(1<<20)))
		case 13:
			out = append(out, n(0xdead), play, n(0))
		case 14:
			out = append(out, d.fuzzer().address, n(0x777), n(d.Uint64N(3)/2))
		case 15:
			out = append(out, d.fuzzer().hash, n(0x777), n(d.Uint64N(3)/2))
		case 17:
			out = append(out, n(1985+d.Uint64N(12)), n(d.Uint64N(2)))
		}
	}
	return out
}
