package strictjson_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/strictjson"
)

// thing is an object with a field of each kind.
type thing struct {
	Felt     felt.Felt
	Felts    []felt.Felt
	Count    uint64
	Text     string
	Children []thing
}

func readThing(r *strictjson.Reader, v *thing) {
	r.Object(
		strictjson.Alias(r.FeltField("felt", &v.Felt), "number"),
		strictjson.Optional(r.FeltsField("felts", &v.Felts)),
		strictjson.Optional(r.Uint64Field("count", &v.Count)),
		r.OrNull(r.TextField("text", &v.Text)),
		strictjson.Optional(r.Field("children", func() {
			v.Children = strictjson.Slice(r, func(c *thing) { readThing(r, c) })
		})),
		r.Ignored("debug"),
	)
}

func parseThing(text string) (*thing, error) {
	r := strictjson.NewReader([]byte(text))
	var v thing
	readThing(r, &v)
	return &v, r.Finish()
}

func TestObject(t *testing.T) {
	got, err := parseThing(` { "felt" : "0x0aB", "felts":["0x1","0x2"],"count":18446744073709551615,
		"text":"a\u00e9\ud83d\ude00\"\\\/\n", "debug": {"x":[1,-2.5e3,true,null]},
		"children":[{"number":"0x0","text":null},{"felt":"0x1"}] } `)
	want := &thing{
		Felt: felt.FromUint64(0xab), Felts: []felt.Felt{{1}, {2}}, Count: 1<<64 - 1, Text: "aé😀\"\\/\n",
		Children: []thing{{}, {Felt: felt.One}},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("parse = %v (-want +got):\n%s", err, diff)
	}
}

func TestErrorsSayWhere(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                                    `felt: missing`,
		`{"felt":"0x1","felt":"0x1"}`:           `felt: field appears twice`,
		`{"felt":"0x1","number":"0x1"}`:         `number: field appears twice`,
		`{"felt":"0x1","fel":1}`:                `fel: unknown field`,
		`{"felt":1}`:                            `felt: want a string, have a number`,
		`{"felt":null}`:                         `felt: want a string, have null`,
		`{"felt":"1"}`:                          `felt: want 0x and 1 to 64 digits, have "1"`,
		`{"felt":"0x"}`:                         `felt: want 0x`,
		`{"felt":"0xg"}`:                        `felt: "0xg" is not hexadecimal`,
		`{"felt":"0x` + strings.Repeat("0", 65): `felt: string does not end`,
		`{"felt":"0x` + strings.Repeat("f", 64) + `"}`:                              `felt: number is not below the prime`,
		`{"felt":"0x1","felts":["0x1",2]}`:                                          `felts[1]: want a string, have a number`,
		`{"felt":"0x1","felts":["0x1" "0x2"]}`:                                      `felts[0]: want a comma or ], have a string`,
		`{"felt":"0x1","count":-1}`:                                                 `count: -1 is not in 0..2^64-1`,
		`{"felt":"0x1","count":18446744073709551616}`:                               `count: 18446744073709551616 is not in`,
		`{"felt":"0x1","count":1.0}`:                                                `count: want an integer, have 1.0`,
		`{"felt":"0x1","count":01}`:                                                 `count: number with a leading zero`,
		`{"felt":"0x1","count":"1"}`:                                                `count: want an integer, have a string`,
		`{"felt":"0x1","text":"\x"}`:                                                `text: bad escape`,
		`{"felt":"0x1","text":"` + "\n" + `"}`:                                      `text: control character`,
		`{"felt":"0x1","text":"` + "\xff" + `"}`:                                    `text: string is not UTF-8`,
		`{"felt":"0x1","children":[{"felt":"0x1"},{"felt":"0x1","children":[{}]}]}`: `children[1].children[0].felt: missing`,
		`{"felt":"0x1"} 1`:                                                          `text after the end`,
		`{"felt":"0x1"`:                                                             `want a comma or }, text ends`,
		`{"felt":"0x1","debug":nul}`:                                                `debug: want null`,
		`{"felt":"0x1","debug":` + strings.Repeat("[", 1000):                        `nested deeper than 512`,
		``:   `want an object, text ends`,
		`[]`: `want an object, have an array`,
	} {
		_, err := parseThing(text)
		if !errors.Is(err, strictjson.ErrMalformed) || !strings.Contains(err.Error(), want) {
			t.Errorf("parse %.80s = %v, want %s", text, err, want)
		}
	}
}

func TestUint128(t *testing.T) {
	for text, want := range map[string][2]uint64{
		"0": {}, "18446744073709551616": {1, 0},
		"340282366920938463463374607431768211455": {1<<64 - 1, 1<<64 - 1},
	} {
		r := strictjson.NewReader([]byte(text))
		hi, lo := r.Uint128()
		if err := r.Finish(); err != nil || [2]uint64{hi, lo} != want {
			t.Errorf("Uint128 of %s = %d, %d, %v, want %d", text, hi, lo, err, want)
		}
	}
	for _, text := range []string{"340282366920938463463374607431768211456", "-1", "1e3", "9999999999999999999999999999999999999999999"} {
		r := strictjson.NewReader([]byte(text))
		if hi, lo := r.Uint128(); r.Finish() == nil {
			t.Errorf("Uint128 of %s = %d, %d", text, hi, lo)
		}
	}
}

func TestWriter(t *testing.T) {
	w := strictjson.NewWriter([]byte("x"))
	w.Object(func() {
		w.ArrayField("a", func() { w.Uint64(1); w.Null(); w.Array(func() {}) })
		w.TextField("b", "<é\x01\"\\\x7f\xff>")
		w.ObjectField("c", func() {})
		w.FeltsField("d", []felt.Felt{{}, {255}})
	})
	const want = "x" + `{"a":[1,null,[]],"b":"<é\u0001\"\\` + "\x7f\ufffd" + `>","c":{},"d":["0x0","0xff"]}`
	if got := string(w.Bytes()); got != want {
		t.Errorf("written %s, want %s", got, want)
	}
}

// FuzzRaw compares what is taken for JSON with encoding/json.
func FuzzRaw(f *testing.F) {
	for _, text := range []string{
		`{"a":[1,-0.5e+7,"\ud83d\ude00\n",true,false,null,{}],"b":{"a":""}}`, ` [] `, `"é"`, `01`, `{"a":1,}`, `-`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := strictjson.NewReader(data)
		raw := r.Raw()
		err := r.Finish()
		valid := json.Valid(data) && utf8.Valid(data)
		if err == nil != valid && !(err != nil && strings.Contains(err.Error(), "nested")) {
			t.Fatalf("Raw of %q = %q, %v, valid JSON: %t", data, raw, err, valid)
		}
		if err != nil {
			return
		}
		r = strictjson.NewReader(raw)
		if !r.IsString() {
			return
		}
		var want string
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
		if got := r.Text(); got != want {
			t.Errorf("Text of %s = %q, want %q", raw, got, want)
		}
	})
}
