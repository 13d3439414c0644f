package execution

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
)

// TestForms finds the forms of cells for one call and looks which cells have them for another.
func TestForms(t *testing.T) {
	t.Parallel()
	var memo crypto.PedersenMemo
	n := func(x uint64) felt.Felt { return felt.FromUint64(x) }
	one := words{sender: n(1001), to: n(1002), calldata: []felt.Felt{n(1003), n(5)}}
	other := words{sender: n(2001), to: n(2002), calldata: []felt.Felt{n(2003), n(6)}}
	fixed := starknet.Selector("fixed")
	slot := func(offset uint64, keys ...felt.Felt) felt.Felt {
		z := fixed
		for _, k := range keys {
			z = memo.Hash(z, k)
		}
		z = starknet.ReduceAddress(z)
		off := n(offset)
		return *z.Add(&z, &off)
	}
	for _, c := range []struct {
		name      string
		got, want framework.Key
	}{
		{"variable of the callee", starknet.StorageKey(n(1002), fixed), starknet.StorageKey(n(2002), fixed)},
		{"second cell of the sender", starknet.StorageKey(n(1001), slot(1)), starknet.StorageKey(n(2001), slot(1))},
		{"under the sender", starknet.StorageKey(n(1003), slot(1, n(1001))), starknet.StorageKey(n(2003), slot(1, n(2001)))},
		{"under two keys", starknet.StorageKey(n(77777), slot(0, n(1001), n(1003))), starknet.StorageKey(n(77777), slot(0, n(2001), n(2003)))},
		{"under three keys", starknet.StorageKey(n(1002), slot(3, n(1001), n(9), n(1003))), starknet.StorageKey(n(2002), slot(3, n(2001), n(9), n(2003)))},
		{"a small number", starknet.StorageKey(n(1002), slot(0, n(5))), starknet.StorageKey(n(2002), slot(0, n(5)))},
		{"class of what is called", starknet.ClassHashKey(n(1003)), starknet.ClassHashKey(n(2003))},
		{"class that is always the same", starknet.DeclaredKey(n(4444)), starknet.DeclaredKey(n(4444))},
	} {
		var f form
		f.trace(&one, c.got, &memo)
		if back, ok := f.find(&one, &memo); !ok || back != c.got {
			t.Errorf("%s: form %+v has the cell %v, %v for its own call", c.name, f, starknet.CellName(back), ok)
		}
		if there, ok := f.find(&other, &memo); !ok || there != c.want {
			t.Errorf("%s: found %v, %v, want %v", c.name, starknet.CellName(there), ok, starknet.CellName(c.want))
		}
	}
	var f form
	f.trace(&one, starknet.ClassHashKey(n(1003)), &memo)
	if k, ok := f.find(&words{}, &memo); ok {
		t.Errorf("found %v for a call without calldata", starknet.CellName(k))
	}
}

// TestHabitsForget bounds what is remembered: of entry points that are called once, of forms that come once, and of what was
// usual once.
func TestHabitsForget(t *testing.T) {
	t.Parallel()
	var memo crypto.PedersenMemo
	var h habits
	for i := range uint64(3 * maxCalled) {
		c := called{to: felt.FromUint64(i)}
		h.learn(c, &words{}, []touch{{key: starknet.ClassHashKey(felt.FromUint64(i + 1000))}}, &memo)
		if len(h.calls) > maxCalled {
			t.Fatalf("%d entry points are known", len(h.calls))
		}
	}
	var c called
	for i := range uint64(10 * halfLife) {
		usual := starknet.ClassHashKey(felt.FromUint64(700 + i/(5*halfLife)))
		h.learn(c, &words{}, []touch{{key: usual}, {key: starknet.ClassHashKey(felt.FromUint64(i + 1000))}}, &memo)
	}
	b := h.calls[c]
	if len(b.forms) > maxForms || len(b.forms) != len(b.at) || b.learnt > halfLife {
		t.Errorf("%d forms, %d of them found, after %d calls", len(b.forms), len(b.at), b.learnt)
	}
	var got []framework.Key
	h.guess(c, &words{}, &memo, func(k framework.Key, _ framework.Access, _ uint64) { got = append(got, k) })
	if want := starknet.ClassHashKey(felt.FromUint64(701)); len(got) != 1 || got[0] != want {
		t.Errorf("guesses %v, want %v alone", got, want)
	}
}
