package hint_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/hint"
)

// TestLibrary checks that every function has a text of its own.
func TestLibrary(t *testing.T) {
	t.Parallel()
	lib, names := hint.Standard(), hint.Names()
	if _, ok := lib[""]; ok || len(lib) != len(names) || len(lib) < 90 {
		t.Errorf("%d names have %d texts", len(names), len(lib))
	}
	for text := range lib {
		if strings.HasPrefix(text, "==") || strings.HasSuffix(text, "\n") || text == "" {
			t.Errorf("bad text %q", text)
		}
	}
	if len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Error("a name occurs twice")
	}
}

// common are the first digits of the SHA-256 of the library hints of classes on the chain, but for system calls.
const common = `f300fb1884fb b88460acee22 8c86b6f43e1f 74aca373e0ef f4c4324c6496 54119a4d7efd 0badce6177a3 9c56f4b01ee5 7e0d46e0797b
1c7a280d075d 818ebdc0c605 6d5b6188a3cd e0472bba57f4 411d8d0956a9 3ce638f7c68e 9019303defde c0c0a637f966 c081a08346d7 73dbcabd4744 1fce3b2e61e9
8c2264dc893b 0b2f3b93af24 5dd2012f3d82 11341b3d5d4c 577ba077612c a528cab9bcc6 9b1861ba2a75 8f825fd08b2c`

func TestCommonHints(t *testing.T) {
	t.Parallel()
	have := map[string]bool{}
	for text := range hint.Standard() {
		have[short(text)] = true
	}
	for _, h := range strings.Fields(common) {
		if !have[h] {
			t.Errorf("no hint has the hash %s", h)
		}
	}
}

func short(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])[:12]
}

// TestClasses looks up the hints of all classes of Cairo 0 among the shared data. Only system calls, which belong to
// Starknet, may be unknown.
func TestClasses(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("SWITCHYARD_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "..", "shared", "data")
	}
	files, err := filepath.Glob(filepath.Join(dir, "classes", "*", "*.json"))
	deeper, err2 := filepath.Glob(filepath.Join(dir, "classes", "feature", "cairo0", "*.json"))
	if files = append(files, deeper...); err != nil || err2 != nil || len(files) == 0 {
		t.Skip("SKIP: no classes below " + dir)
	}
	lib, seen := hint.Standard(), map[string]bool{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var class struct {
			Program struct {
				Hints map[string][]struct{ Code string } `json:"hints"`
			} `json:"program"`
		}
		if err := json.Unmarshal(text, &class); err != nil {
			continue // not a class of Cairo 0
		}
		for _, list := range class.Program.Hints {
			for _, h := range list {
				if seen[h.Code] {
					continue
				}
				seen[h.Code] = true
				if lib[h.Code] == nil && !strings.HasPrefix(h.Code, "syscall_handler.") {
					t.Errorf("%s: unknown hint:\n%s", filepath.Base(name), h.Code)
				}
			}
		}
	}
	t.Logf("%d different hints", len(seen))
}
