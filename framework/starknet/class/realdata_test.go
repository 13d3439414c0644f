package class_test

import (
	"bytes"
	"fmt"
	"path"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/internal/realdata"
)

// published is a row of the table of classes that comes with the real data.
type published struct {
	file     string
	class    string
	v1, v2   string
	language string // the version of Sierra
}

func table(t testing.TB) []published {
	t.Helper()
	var rows []published
	for _, line := range strings.Split(string(realdata.Read(t, "README.md")), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 8 || !strings.Contains(cells[1], ".json") {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		language, _, _ := strings.Cut(cells[5], "/")
		rows = append(rows, published{
			file: "classes/" + cells[1], class: cells[2], v1: cells[3], v2: cells[4],
			language: language,
		})
	}
	return rows
}

func parse(name string, data []byte) (class.Class, error) {
	switch {
	case strings.HasSuffix(name, ".casm.json"):
		return class.ParseCasm(data)
	case strings.HasSuffix(name, ".sierra.json"):
		return class.ParseSierra(data)
	}
	return class.ParseCairo0(data)
}

func checkHash(t *testing.T, what string, got felt.Felt, want string) {
	t.Helper()
	if want != "" && got != felt.MustParse(want) {
		t.Errorf("%s = %v, want %s", what, got, want)
	}
}

func TestRealClassHashes(t *testing.T) {
	rows := table(t)
	for _, name := range realdata.Glob(t, "classes/chain/*.json") {
		rows = append(rows, published{file: name, class: strings.TrimSuffix(path.Base(name), ".json")})
	}
	// The table has another hash for this file, whose compiler_version is null. But it is, for the rest, the
	// account of Sepolia's block 0 key for key; cairo-lang takes null for absent, and the chain has this hash.
	const account = "classes/cairo0/katana_genesis_account.json"
	onChain := map[string]string{account: "0x5c478ee27f2112411f86f207605b2e2c58cdb647bac0df27f660ef2252359c6"}
	count := map[string]int{}
	for _, row := range rows {
		if hash, ok := onChain[row.file]; ok {
			row.class = hash
		}
		c, err := parse(row.file, realdata.Read(t, row.file))
		if err != nil {
			t.Fatalf("%s: %v", row.file, err)
		}
		count[fmt.Sprintf("%T", c)]++
		t.Run(row.file, func(t *testing.T) {
			t.Parallel()
			switch c := c.(type) {
			case *class.Cairo0:
				checkHash(t, "Hash", c.Hash(), row.class)
			case *class.Sierra:
				checkHash(t, "Hash", c.Hash(), row.class)
				v, ok := c.Version()
				if got := fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch); !ok || got != row.language {
					t.Errorf("Version = %s, %t, want %s", got, ok, row.language)
				}
			case *class.Casm:
				checkHash(t, "HashV1", c.HashV1(), row.v1)
				checkHash(t, "HashV2", c.HashV2(), row.v2)
			}
		})
	}
	t.Logf("classes: %v", count)
	files := len(realdata.Glob(t, "classes/*/*.json")) + len(realdata.Glob(t, "classes/*/*/*.json"))
	if len(rows) != files {
		t.Errorf("%d classes compared, but there are %d files", len(rows), files)
	}
}

// The table of the chain names, for each class of Sepolia, the hash of its code by Blake2s.
func TestRealMigratedHashes(t *testing.T) {
	const record = 2 * felt.Size
	records := realdata.Read(t, "vectors/testnet-sepolia-casm-v2-hashes.bin")
	onChain := make(map[felt.Felt]felt.Felt, len(records)/record)
	for ; len(records) >= record; records = records[record:] {
		var c, code felt.Felt
		if c.SetBytes(records[:felt.Size]) != nil || code.SetBytes(records[felt.Size:record]) != nil {
			t.Fatal("the table holds a number not below the prime")
		}
		onChain[c] = code
	}
	sierra := map[string]felt.Felt{}
	for _, row := range table(t) {
		if base, ok := strings.CutSuffix(row.file, ".sierra.json"); ok {
			sierra[base] = felt.MustParse(row.class)
		}
	}
	seen := 0
	for _, name := range append(realdata.Glob(t, "classes/cairo1/*.casm.json"), realdata.Glob(t, "classes/feature/cairo1/*.casm.json")...) {
		want, listed := onChain[sierra[strings.TrimSuffix(name, ".casm.json")]]
		if !listed {
			continue
		}
		casm, err := class.ParseCasm(realdata.Read(t, name))
		if err != nil {
			t.Fatal(err)
		}
		seen++
		checkHash(t, name+": HashV2", casm.HashV2(), want.Hex())
	}
	t.Logf("%d of %d classes of Sepolia at hand", seen, len(onChain))
	if seen < 16 {
		t.Errorf("compared %d classes, want 16", seen)
	}
}

// The numbers are those that the compiler's text has.
func TestRealNames(t *testing.T) {
	for _, row := range table(t) {
		c, err := parse(row.file, realdata.Read(t, row.file))
		if err != nil {
			t.Fatal(err)
		}
		c0, ok := c.(*class.Cairo0)
		if !ok {
			continue
		}
		names, err := c0.Names()
		if err != nil {
			t.Errorf("%s: %v", row.file, err)
			continue
		}
		hints := 0
		for i, at := range names.Hints {
			if hints += len(at.Hints); i > 0 && names.Hints[i-1].PC >= at.PC {
				t.Errorf("%s: hints at %d after those at %d", row.file, at.PC, names.Hints[i-1].PC)
			}
			for _, h := range at.Hints {
				for name, id := range h.References {
					if id >= uint64(len(names.References)) {
						t.Errorf("%s: no reference %d for %s", row.file, id, name)
					}
				}
			}
		}
		text := string(c0.Hints)
		if want := strings.Count(text, `"code": `); hints != want {
			t.Errorf("%s: %d hints, want %d", row.file, hints, want)
		}
	}
	c, err := class.ParseCairo0(realdata.Read(t, "classes/cairo0/UDC_OZ_0.5.0.json"))
	if err != nil {
		t.Fatal(err)
	}
	names, err := c.Names()
	if err != nil {
		t.Fatal(err)
	}
	deploy := names.Identifiers["__main__.deployContract"]
	if deploy.Type != "function" || deploy.PC == nil || *deploy.PC != 94 || len(deploy.Decorators) != 1 {
		t.Errorf("deployContract = %+v", deploy)
	}
	if v := names.Identifiers["starkware.starknet.common.syscalls.DEPLOY_SELECTOR"].Value; v == nil || v.Text(16) != "4465706c6f79" {
		t.Errorf("DEPLOY_SELECTOR = %v, want \"Deploy\"", v)
	}
}

func TestRealRoundTrips(t *testing.T) {
	for _, row := range table(t) {
		data := realdata.Read(t, row.file)
		c, err := parse(row.file, data)
		if err != nil {
			t.Fatal(err)
		}
		encoded := class.Append(nil, c)
		decoded, err := class.Decode(encoded)
		if err != nil {
			t.Fatalf("%s: Decode: %v", row.file, err)
		}
		if !reflect.DeepEqual(c, decoded) { // go-cmp takes seconds for so many felts
			t.Errorf("%s: Decode(Append) (-want +got):\n%s", row.file, cmp.Diff(c, decoded))
		}
		if !bytes.Equal(encoded, class.Append(nil, decoded)) {
			t.Errorf("%s: encoded again to other bytes", row.file)
		}
		again, err := parse(row.file, c.(interface{ Text() []byte }).Text())
		if err != nil || !reflect.DeepEqual(c, again) {
			t.Errorf("%s: parse(Text) = %v (-want +got):\n%s", row.file, err, cmp.Diff(c, again))
		}
		t.Logf("%s: %d bytes, encoded %d", row.file, len(data), len(encoded))
	}
}
