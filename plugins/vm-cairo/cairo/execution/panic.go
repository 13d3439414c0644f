package execution

import (
	"fmt"
	"slices"
	"strings"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// softFailure is a call that failed softly.
type softFailure struct {
	contract, class, selector felt.Felt
	depth                     int
	retdata                   []felt.Felt
}

// noteFailure remembers a call that failed softly.
func (x *scope) noteFailure(c *call, class felt.Felt, retdata []felt.Felt) {
	x.failed = append(x.failed, softFailure{c.storage, class, c.selector, x.depth, slices.Clone(retdata)})
}

// panicked returns the text about an outermost call that ended with the data of a panic. inner are the calls inside of it
// that failed softly, in the order in which they ended.
//
// Source: crates/blockifier/src/execution/stack_trace.rs, Cairo1RevertSummary.
func (x *scope) panicked(head string, c *call, class felt.Felt, retdata []felt.Felt, inner []softFailure) string {
	chain := []softFailure{{c.storage, class, c.selector, x.depth + 1, retdata}}
	data := retdata
	for len(data) > 0 && data[len(data)-1] == textEntryPointFailed {
		want := data[:len(data)-1]
		depth := chain[len(chain)-1].depth + 1
		var next *softFailure
		count := 0
		for i := range inner {
			if inner[i].depth == depth && slices.Equal(inner[i].retdata, want) {
				next, count = &inner[i], count+1
			}
		}
		if count != 1 {
			chain, data = nil, retdata
			break
		}
		chain, data = append(chain, *next), want
	}
	var b strings.Builder
	b.WriteString(head + "\n")
	text := panicText(data) + ".\n"
	for i := range chain {
		s := &chain[i]
		line := fmt.Sprintf("Error in contract (contract address: %s, class hash: %s, selector: %s):\n",
			hex64(s.contract), hex64(s.class), hex64(s.selector))
		if i < len(chain)-1 && b.Len()+len(line)+len(text) > maxReason {
			b.WriteString("\n...")
			break
		}
		b.WriteString(line)
	}
	b.WriteString(text)
	return b.String()
}

// byteArrayMagic begins the data of a panic that is a text.
var byteArrayMagic = felt.MustParse("0x46a6158a16a947e5916b2a2ca68501a45e93d7110e81aa2d6438b1c57c879a3")

// panicText returns the data of a panic for people.
//
// Source: crates/blockifier/src/execution/execution_utils.rs, format_panic_data, and starkware-libs/cairo,
// crates/cairo-lang-runner/src/casm_run, format_next_item.
func panicText(data []felt.Felt) string {
	var items []string
	for rest := data; len(rest) > 0; {
		if text, n, ok := byteArray(rest); ok {
			items, rest = append(items, `"`+text+`"`), rest[n:]
			continue
		}
		items, rest = append(items, feltText(rest[0])), rest[1:]
	}
	if len(items) == 1 {
		return items[0]
	}
	return "(" + strings.Join(items, ", ") + ")"
}

// wordBytes is the number of bytes in a word of a byte array.
const wordBytes = 31

// byteArray returns the text that data begins with, and of how many felts it is made.
func byteArray(data []felt.Felt) (text string, n int, ok bool) {
	if len(data) < 4 || data[0] != byteArrayMagic {
		return "", 0, false
	}
	words := data[1]
	if !words.IsUint64() || words[0] > uint64(len(data)-4) {
		return "", 0, false
	}
	count := int(words[0]) //nolint:gosec // below the length of data
	var b strings.Builder
	for _, w := range data[2 : 2+count] {
		if !appendText(&b, w, wordBytes) {
			return "", 0, false
		}
	}
	length := data[3+count]
	if !length.IsUint64() || length[0] >= wordBytes || !appendText(&b, data[2+count], int(length[0])) { //nolint:gosec // below 31
		return "", 0, false
	}
	return b.String(), 4 + count, true
}

// appendText appends the last n bytes of w, which has no others, and escapes what cannot be printed.
func appendText(b *strings.Builder, w felt.Felt, n int) bool {
	if w.BitLen() > 8*n {
		return false
	}
	all := w.Bytes()
	for _, c := range all[len(all)-n:] {
		switch {
		case c == 0:
			b.WriteString(`\0`)
		case printable(c):
			b.WriteByte(c)
		default:
			fmt.Fprintf(b, `\x%02x`, c)
		}
	}
	return true
}

func printable(c byte) bool {
	return c >= 0x20 && c < 0x7f || c == '\t' || c == '\n' || c == '\r' || c == '\f'
}

// feltText returns a felt in hexadecimal, and the text that it is if it is one.
func feltText(x felt.Felt) string {
	all := x.Bytes()
	bytes := all[len(all)-(x.BitLen()+7)/8:]
	text := strings.TrimRight(string(bytes), "\x00")
	for i := range len(text) {
		if !printable(text[i]) {
			return x.Hex()
		}
	}
	return fmt.Sprintf("%s ('%s')", x.Hex(), text)
}
