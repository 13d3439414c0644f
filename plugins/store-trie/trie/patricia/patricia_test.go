package patricia_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/crypto"
	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/store-trie/trie/patricia"
)

// pages keeps pages in memory.
type pages struct {
	mu  sync.Mutex
	set map[string]string
}

func newPages() *pages { return &pages{set: map[string]string{}} }

func (p *pages) Page(name []byte) ([]byte, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	page, ok := p.set[string(name)]
	return []byte(page), ok, nil
}

func (p *pages) SetPage(name, old, page []byte) error {
	if p.set[string(name)] != string(old) {
		return fmt.Errorf("page %x is said to have been %x", name, old)
	}
	p.set[string(name)] = string(page)
	return nil
}

func (p *pages) DeletePage(name []byte) error {
	if _, ok := p.set[string(name)]; !ok {
		return fmt.Errorf("page %x is deleted and was not there", name)
	}
	delete(p.set, string(name))
	return nil
}

// content is what a trie should hold.
type content map[felt.Felt]felt.Felt

// naive returns the root by the definition of the protocol, for the keys that agree above height bits.
func naive(hash func(a, b felt.Felt) felt.Felt, c content, height uint) felt.Felt {
	if len(c) == 0 {
		return felt.Felt{}
	}
	if height == 0 {
		for _, v := range c {
			return v
		}
	}
	sides := [2]content{{}, {}}
	for k, v := range c {
		sides[k.Bit(height-1)][k] = v
	}
	if len(sides[0]) > 0 && len(sides[1]) > 0 {
		return hash(naive(hash, sides[0], height-1), naive(hash, sides[1], height-1))
	}
	// An edge, as long as it goes.
	var path felt.Felt
	length := uint64(0)
	for ; height > 0; height-- {
		sides = [2]content{{}, {}}
		for k, v := range c {
			sides[k.Bit(height-1)][k] = v
		}
		if len(sides[0]) > 0 && len(sides[1]) > 0 {
			break
		}
		path.Add(&path, &path)
		if len(sides[1]) > 0 {
			path.Add(&path, &felt.One)
		}
		length++
	}
	h, l := hash(naive(hash, c, height), path), felt.FromUint64(length)
	return *h.Add(&h, &l)
}

// updates returns c as updates, sorted.
func (c content) updates() []patricia.Update {
	var out []patricia.Update
	for k, v := range c {
		out = append(out, patricia.Update{Key: k, Value: v})
	}
	slices.SortFunc(out, func(a, b patricia.Update) int { return a.Key.Cmp(&b.Key) })
	return out
}

// change applies updates to the trie in p and returns its root.
func change(t testing.TB, p *pages, updates []patricia.Update, workers int) felt.Felt {
	t.Helper()
	trie, err := patricia.Open([]byte("t"), p)
	if err != nil {
		t.Fatal(err)
	}
	if err := trie.Apply(updates, workers); err != nil {
		t.Fatal(err)
	}
	patricia.NewHasher(crypto.PedersenBatch, workers).Run(trie)
	if err := trie.Write(p); err != nil {
		t.Fatal(err)
	}
	return trie.Root()
}

// keys returns keys that make all shapes: near each other, far from each other, at both ends.
func keys(rng *rand.Rand, n int) []felt.Felt {
	top := felt.MustParse("0x7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")
	out := []felt.Felt{{}, felt.One, top}
	for len(out) < n {
		k := felt.Felt{rng.Uint64(), rng.Uint64(), rng.Uint64(), rng.Uint64() >> 5}
		switch near := out[rng.IntN(len(out))]; rng.IntN(4) {
		case 0:
			k = felt.Felt{k[0] % 64}
		case 1:
			k = near
			k[0] ^= 1 << rng.IntN(64)
		case 2:
			k = near
			k[3] ^= 1 << rng.IntN(59)
		}
		out = append(out, k)
	}
	return out
}

func TestRandomAgainstDefinition(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 1))
			all, p, c := keys(rng, 8+rng.IntN(60)), newPages(), content{}
			for round := range 12 {
				batch := content{}
				for range rng.IntN(30) {
					k := all[rng.IntN(len(all))]
					batch[k] = felt.FromUint64(rng.Uint64N(3))
					if rng.IntN(2) == 0 {
						batch[k] = felt.Felt{}
					}
				}
				old := maps.Clone(c)
				for k, v := range batch {
					if c[k] = v; v.IsZero() {
						delete(c, k)
					}
				}
				updates := batch.updates()
				got := change(t, p, updates, 1)
				for _, u := range updates {
					if u.Old != old[u.Key] {
						t.Fatalf("round %d: key %v had the value %v, want %v", round, u.Key, u.Old, old[u.Key])
					}
				}
				if want := naive(crypto.Pedersen, c, patricia.Height); got != want {
					t.Fatalf("round %d: root %v, want %v of %d values", round, got, want, len(c))
				}
				fresh := newPages()
				change(t, fresh, c.updates(), 1)
				if diff := cmp.Diff(fresh.set, p.set); diff != "" {
					t.Fatalf("round %d: the pages are not those of a trie made at once:\n%s", round, diff)
				}
			}
		})
	}
}

// TestWorkersAgree changes a trie that is large enough to be forked.
func TestWorkersAgree(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	first, second := content{}, content{}
	for range 3000 {
		k := felt.Felt{rng.Uint64(), rng.Uint64(), rng.Uint64(), rng.Uint64() >> 5}
		first[k] = felt.Felt{rng.Uint64()}
		if rng.IntN(3) > 0 {
			second[k] = felt.Felt{rng.Uint64N(2)}
		}
		k[3] ^= 1
		second[k] = felt.Felt{rng.Uint64()}
	}
	one, four := newPages(), newPages()
	for _, updates := range []content{first, second} {
		if a, b := change(t, one, updates.updates(), 1), change(t, four, updates.updates(), 4); a != b {
			t.Errorf("root %v with one worker, %v with four", a, b)
		}
	}
	if !maps.Equal(one.set, four.set) {
		t.Error("four workers leave other pages than one")
	}
}

// vectors are roots that other implementations of the protocol agree on.
var vectors = []struct {
	name  string
	batch patricia.BatchHash
	sets  []map[string]string // one after the other
	root  string
}{
	{
		"one", crypto.PedersenBatch, []map[string]string{{"0x1": "0x1"}},
		"0x2ebbd6878f81e49560ae863bd4ef327a417037bf57b63a016130ad0a94c8fa7",
	},
	{
		"siblings", crypto.PedersenBatch, []map[string]string{{"0x0": "0x1", "0x1": "0x2"}},
		"0x599927f1181d5633c6f680dbf039534de49c44e0b9903c5305b2582dfd6a625",
	},
	{
		"siblings, Poseidon", crypto.PoseidonBatch, []map[string]string{{"0x0": "0x1", "0x1": "0x2"}},
		"0x1c1ba983ee0a0de87d87d67ea3cbee7023aa65f6b7bcf71259f122ea3af817a",
	},
	{
		"both ends", crypto.PedersenBatch,
		[]map[string]string{{"0x0": "0x1", "0x7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff": "0x2"}},
		"0x97ba0e8d929c573f38f2ddf4906c2369e7b165abc28553280aca4c909ee599",
	},
	{"four", crypto.PedersenBatch, []map[string]string{fourKeys}, "0x6b01c6edfaefd2f332a3782978e73720287047997c96b669a1914743536f5ae"},
	{
		"an edge, a branch and an edge fall together", crypto.PedersenBatch, []map[string]string{fourKeys, {"0x5": "0x0"}},
		"0x5f3b2b98faef39c60dbbb459dbe63d1d10f1688af47fbc032f2cab025def896",
	},
	{
		"an edge is cut in its middle", crypto.PedersenBatch, []map[string]string{{
			"0x5": "0x66",
			"0x1BF95D4B58F0741FEA29F94EE5A118D0847C8B7AE0173C2A570C9F74CCA9EA1": "0x7E5",
			"0x3C75C20765D020B0EC41B48BB8C5338AC4B619FC950D59994E844E1E1B9D2A9": "0x7C7",
			"0x4065B936C56F5908A981084DAFA66DC17600937DC80C52EEB834693BB811792": "0x7970C532B764BB36FAF5696B8BC1317505B8A4DC9EEE5DF4994671757975E4D",
			"0x4B5FBB4904167E2E8195C35F7D4E78501A3FE95896794367C85B60B39AEFFC2": "0x232C969EAFC5B30C20648759D7FA1E2F4256AC6604E1921578101DCE4DFDF48",
		}}, "0x6ee9a8202b40f3f76f1a132f953faa2df78b3b33ccb2b4406431abdc99c2dfe",
	},
}

var fourKeys = map[string]string{
	"0x1A2FD9B06EAB5BCA4D3885EE4C42736E835A57399FF8B7F6083A92FD2A20095": "0x215AA555E0CE3E462423D18B7216378D3CCD5D94D724AC7897FBC83FAAA4ED4",
	"0x7AC69285B869DC3E8B305C748A0B867B2DE3027AECEBA51158ECA3B7354D76F": "0x65C85592F29501D97A2EA1CCF2BA867E6A838D602F4E7A7391EFCBF66958386",
	"0x5C71AB5EF6A5E9DBC7EFD5C61554AB36039F60E5BA076833102E24344524566": "0x60970DF8E8A19AF3F41B78E93B845EC074A0AED4E96D18C6633580722B93A28",
	"0x5": "0x22B",
}

func TestVectors(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			p := newPages()
			var root felt.Felt
			for _, set := range v.sets {
				c := content{}
				for key, value := range set {
					c[felt.MustParse(key)] = felt.MustParse(value)
				}
				trie, err := patricia.Open(nil, p)
				if err != nil {
					t.Fatal(err)
				}
				if err := trie.Apply(c.updates(), 1); err != nil {
					t.Fatal(err)
				}
				patricia.NewHasher(v.batch, 1).Run(trie)
				if err := trie.Write(p); err != nil {
					t.Fatal(err)
				}
				root = trie.Root()
			}
			if want := felt.MustParse(v.root); root != want {
				t.Errorf("root %v, want %v", root, want)
			}
		})
	}
}

func TestEmptied(t *testing.T) {
	p, c := newPages(), content{}
	for _, k := range keys(rand.New(rand.NewPCG(9, 9)), 50) {
		c[k] = felt.One
	}
	change(t, p, c.updates(), 1)
	for k := range c {
		c[k] = felt.Felt{}
	}
	if root := change(t, p, c.updates(), 1); !root.IsZero() || len(p.set) != 0 {
		t.Errorf("root %v and %d pages of a trie without values", root, len(p.set))
	}
}

// TestCheckFindsEveryByte changes each byte of the page of the root.
func TestCheckFindsEveryByte(t *testing.T) {
	p, c := newPages(), content{}
	for _, k := range keys(rand.New(rand.NewPCG(3, 3)), 20) {
		c[k] = felt.FromUint64(77)
	}
	change(t, p, c.updates(), 1)
	check := func() error {
		trie, err := patricia.Open([]byte("t"), p)
		if err != nil {
			return err
		}
		return trie.Check(crypto.PedersenBatch)
	}
	if err := check(); err != nil {
		t.Fatal(err)
	}
	name := string([]byte{'t', 0})
	page := p.set[name]
	for i := range page {
		b := []byte(page)
		b[i] ^= 1
		p.set[name] = string(b)
		if err := check(); !errors.Is(err, patricia.ErrDamaged) {
			t.Errorf("byte %d of the page is changed: %v, want ErrDamaged", i, err)
		}
	}
}

// FuzzOpen reads pages that nobody wrote.
func FuzzOpen(f *testing.F) {
	p, c := newPages(), content{}
	for _, k := range keys(rand.New(rand.NewPCG(4, 4)), 20) {
		c[k] = felt.FromUint64(5)
	}
	change(f, p, c.updates(), 1)
	for _, page := range p.set {
		f.Add([]byte(page))
	}
	f.Fuzz(func(t *testing.T, page []byte) {
		p := newPages()
		p.set[string([]byte{'t', 0})] = string(page)
		trie, err := patricia.Open([]byte("t"), p)
		if err != nil {
			return
		}
		for _, k := range keys(rand.New(rand.NewPCG(4, 4)), 20) {
			if _, err := trie.Walk(k, func(patricia.Node) {}); err != nil {
				return
			}
		}
	})
}
