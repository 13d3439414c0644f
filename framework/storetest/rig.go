package storetest

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/google/go-cmp/cmp"
	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
)

// rig is a subject and the means to speak of its cells and values by number.
type rig struct {
	Subject
}

// cells says what cells hold: the number of a key, and the number of its value. Value 0 is the zero word.
type cells map[int]int

func (r *rig) key(i int) framework.Key {
	if r.Key != nil {
		return r.Key(i)
	}
	return framework.Key{Space: uint8(i), Owner: spread("owner", i/3), Slot: spread("slot", i)}
}

func (r *rig) value(i int) framework.Word {
	switch {
	case i == 0:
		return framework.Word{}
	case r.Value != nil:
		return r.Value(i)
	}
	return spread("value", i)
}

// spread returns a word that looks random and uses all bits.
func spread(what string, i int) (w framework.Word) {
	h := sha256.Sum256(fmt.Appendf(nil, "%s %d", what, i))
	for l := range w {
		w[l] = binary.LittleEndian.Uint64(h[8*l:])
	}
	return w
}

// class returns a class by number.
func (r *rig) class(i int) framework.Class {
	return framework.Class{Hash: r.value(1_000_000 + i), Body: fmt.Appendf(nil, "body of class %d", i)}
}

// diff returns a diff that a store must take.
func (r *rig) diff(c cells, classes ...int) *framework.Diff {
	d := new(framework.Diff)
	for k, v := range c {
		d.Writes = append(d.Writes, framework.Write{Key: r.key(k), Value: r.value(v)})
	}
	for _, i := range classes {
		d.Classes = append(d.Classes, r.class(i))
		if r.Declare != nil {
			d.Writes = append(d.Writes, r.Declare(r.class(i).Hash)...)
		}
	}
	framework.SortWrites(d.Writes)
	return d
}

// open opens a store in a new folder and closes it at the end of the test.
func (r *rig) open(t conform.T) framework.Store {
	t.Helper()
	return r.openDir(t, t.TempDir())
}

func (r *rig) openDir(t conform.T, dir string) framework.Store {
	t.Helper()
	s := r.Open(t, dir)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// stage stages block n, which must work.
func (r *rig) stage(t conform.T, s framework.Store, n framework.BlockNumber, c cells, classes ...int) {
	t.Helper()
	if err := s.Stage(t.Context(), n, r.Protocol, r.diff(c, classes...)); err != nil {
		t.Fatalf("Stage(%d): %v", n, err)
	}
}

// seal seals block n, which must work, and returns its root.
func (r *rig) seal(t conform.T, s framework.Store, n framework.BlockNumber) framework.Root {
	t.Helper()
	root, err := s.Seal(t.Context(), n)
	if err != nil {
		t.Fatalf("Seal(%d): %v", n, err)
	}
	return root
}

// add stages and seals block n.
func (r *rig) add(t conform.T, s framework.Store, n framework.BlockNumber, c cells, classes ...int) framework.Root {
	t.Helper()
	r.stage(t, s, n, c, classes...)
	return r.seal(t, s, n)
}

// chain adds blocks from 0 on: block n writes value n+1 to cell 0 and to cell n+1.
func (r *rig) chain(t conform.T, s framework.Store, length int) []framework.Root {
	t.Helper()
	var roots []framework.Root
	for n := range length {
		roots = append(roots, r.add(t, s, framework.BlockNumber(n), link(n)))
	}
	return roots
}

// link is what block n of a chain writes, and chained what its state is.
func link(n int) cells { return cells{0: n + 1, n + 1: n + 1} }

func chained(n, length int) cells {
	c := cells{0: n + 1}
	for i := range length {
		c[i+1] = 0
		if i <= n {
			c[i+1] = i + 1
		}
	}
	return c
}

// revert reverts to block n, which must work.
func (r *rig) revert(t conform.T, s framework.Store, n framework.BlockNumber) {
	t.Helper()
	if err := s.Revert(t.Context(), n); err != nil {
		t.Fatalf("Revert(%d): %v", n, err)
	}
}

// at opens the state after block n, which must work, and closes it at the end of the test.
func (r *rig) at(t conform.T, s framework.Store, n framework.BlockNumber) framework.State {
	t.Helper()
	st, err := s.At(t.Context(), n)
	if err != nil {
		t.Fatalf("At(%d): %v", n, err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Errorf("Close of the state after block %d: %v", n, err)
		}
	})
	return st
}

// holds wants the state after block n to hold exactly that in those cells.
func (r *rig) holds(t conform.T, s framework.Store, n framework.BlockNumber, want cells) {
	t.Helper()
	r.shows(t, r.at(t, s, n), want, fmt.Sprintf("state after block %d", n))
}

// shows wants st to show that in those cells.
func (r *rig) shows(t conform.T, st framework.State, want cells, what string) {
	t.Helper()
	got, err := r.read(t, st, want)
	if err != nil {
		t.Errorf("%s: Read: %v", what, err)
		return
	}
	if !maps.Equal(want, got) {
		t.Errorf("%s: cells differ, by number of key and value (-want +got):\n%s", what, cmp.Diff(want, got))
	}
}

// read reads the cells that are in want. A value that is not of the series, and not the wanted one, is -1.
func (r *rig) read(t conform.T, st framework.State, want cells) (cells, error) {
	var numbers []int
	var keys []framework.Key
	for k := range want {
		numbers = append(numbers, k)
	}
	slices.Sort(numbers)
	for _, k := range numbers {
		keys = append(keys, r.key(k))
	}
	out := make([]framework.Word, len(keys))
	if err := st.Read(t.Context(), keys, out); err != nil {
		return nil, err
	}
	got := make(cells)
	for i, k := range numbers {
		got[k] = r.number(out[i], want[k])
	}
	return got, nil
}

// number returns the number of a value, trying first what it should be.
func (r *rig) number(w framework.Word, guess int) int {
	if w == r.value(guess) {
		return guess
	}
	for i := range 1000 {
		if w == r.value(i) {
			return i
		}
	}
	return -1
}

// head wants the store's head to be block n with that root.
func (r *rig) head(t conform.T, s framework.Store, n framework.BlockNumber, root framework.Root) {
	t.Helper()
	got, err := s.Head(t.Context())
	if want := (framework.Head{Number: n, Root: root}); err != nil || got != want {
		t.Errorf("Head() = %+v, %v, want %+v", got, err, want)
	}
}

// fails wants err to be want.
func fails(t conform.T, call string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", call, err, want)
	}
}

// missing wants the store not to have the state after block n.
func missing(t conform.T, s framework.Store, n framework.BlockNumber) {
	t.Helper()
	st, err := s.At(t.Context(), n)
	if err == nil {
		st.Close()
	}
	fails(t, fmt.Sprintf("At(%d)", n), err, framework.ErrNoBlock)
}
