package analyze

import (
	"fmt"
	"strings"

	"github.com/switchyard-dev/switchyard/framework"
)

// spaces are the names of what keys stand for; the numbers are Starknet's.
var spaces = map[uint8]string{0: "slot", 1: "nonce", 2: "class", 3: "compiled class", 4: "declared"}

// Name returns a key as people write it: "slot 0x5 of 0x12ab…9f3c", "nonce of 0x7".
func Name(k framework.Key) string {
	space, ok := spaces[k.Space]
	if !ok {
		space = fmt.Sprintf("space %d", k.Space)
	}
	if k.Space == 0 || k.Slot != (framework.Word{}) {
		return fmt.Sprintf("%s %s of %s", space, short(k.Slot), short(k.Owner))
	}
	return fmt.Sprintf("%s of %s", space, short(k.Owner))
}

// short returns a word in hexadecimal digits, the middle of a long one left out.
func short(w framework.Word) string {
	const ends = 5
	digits := strings.TrimLeft(fmt.Sprintf("%016x%016x%016x%016x", w[3], w[2], w[1], w[0]), "0")
	switch {
	case digits == "":
		return "0x0"
	case len(digits) <= 2*ends+1:
		return "0x" + digits
	}
	return "0x" + digits[:ends] + "…" + digits[len(digits)-ends:]
}
