package toy

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/big"
	"math/bits"
	"strings"

	"github.com/switchyard-dev/switchyard/framework"
)

// Tx returns the transaction that runs script.
func Tx(script string) framework.Tx {
	return framework.Tx{ID: Name(script), Body: []byte(script)}
}

// Name returns the word that stands for a name: the slot of the cell of that name, the hash of the class.
func Name(s string) framework.Word { return word(sha256.Sum256([]byte(s))) }

// Cell returns the key of a cell.
func Cell(name string) framework.Key { return framework.Key{Space: Cells, Slot: Name(name)} }

// Balance returns the keys of a balance.
func Balance(name string) (low, high framework.Key) {
	return framework.Key{Space: BalancesLow, Slot: Name(name)}, framework.Key{Space: BalancesHigh, Slot: Name(name)}
}

// Declared returns the key that says whether a class is declared.
func Declared(class framework.Word) framework.Key { return framework.Key{Space: Classes, Slot: class} }

// instruction is one line of a script.
type instruction struct {
	op   string
	args string
}

// parse splits a script. It does not look at the instructions.
func parse(script string) []instruction {
	var code []instruction
	for _, line := range strings.FieldsFunc(script, func(r rune) bool { return r == ';' || r == '\n' }) {
		if line = strings.TrimSpace(line); line != "" {
			op, args, _ := strings.Cut(line, " ")
			code = append(code, instruction{op, strings.TrimSpace(args)})
		}
	}
	return code
}

// number reads a word, in decimal or hexadecimal.
func number(s string) (framework.Word, error) {
	n, ok := new(big.Int).SetString(s, 0)
	if !ok || n.Sign() < 0 || n.BitLen() > 256 {
		return framework.Word{}, fmt.Errorf("%q is not a number of 256 bits", s)
	}
	return word([32]byte(n.FillBytes(make([]byte, 32)))), nil
}

// word makes a word of big-endian bytes, and bytes its inverse.
func word(b [32]byte) (w framework.Word) {
	for i := range w {
		w[i] = binary.BigEndian.Uint64(b[24-8*i:])
	}
	return w
}

func bytes(w framework.Word) []byte {
	b := make([]byte, 0, 32)
	for i := range w {
		b = binary.BigEndian.AppendUint64(b, w[3-i])
	}
	return b
}

// plus and minus wrap around.
func plus(a, b framework.Word) (z framework.Word) {
	var c uint64
	for i := range z {
		z[i], c = bits.Add64(a[i], b[i], c)
	}
	return z
}

func minus(a, b framework.Word) (z framework.Word) {
	var c uint64
	for i := range z {
		z[i], c = bits.Sub64(a[i], b[i], c)
	}
	return z
}
