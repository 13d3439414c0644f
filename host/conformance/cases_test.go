package conformance_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/host/conformance"
)

func TestReadCases(t *testing.T) {
	got, err := conformance.ReadCases(strings.NewReader(`{
		"protocol": "1",
		"base": [{"space": 1, "owner": "0x10000000000000000", "value": "0x7"}],
		"transactions": [{"name": "a", "body": "load x", "status": "reverted"}, {"body": "0x00ff"}]
	}`))
	if err != nil {
		t.Fatal(err)
	}
	want := conformance.Cases{
		Protocol:     "1",
		Base:         []conformance.Cell{{Space: 1, Owner: conformance.Word{0, 1}, Value: conformance.Word{7}}},
		Transactions: []conformance.Transaction{{Name: "a", Body: []byte("load x"), Status: "reverted"}, {Body: []byte{0, 255}}},
	}
	if diff := cmp.Diff(&want, got, cmp.Comparer(func(a, b func()) bool { return true }), cmp.AllowUnexported(conformance.Cases{})); diff != "" {
		t.Errorf("cases (-want +got):\n%s", diff)
	}
}

func TestReadCasesRefuses(t *testing.T) {
	for text, want := range map[string]string{
		``:                                    "EOF",
		`{"transactions": []}`:                "no transactions",
		`{"trasactions": []}`:                 "unknown field",
		`{"transactions": [{"body": "0xf"}]}`: "odd length",
		`{"transactions": [{"id": "7"}]}`:     "is no word",
		`{"transactions": [{"id": "0x-1"}]}`:  "is no word",
		`{"transactions": [{"id": "0x1` + strings.Repeat("0", 64) + `"}]}`: "is no word",
		`{"transactions": [{"status": "done"}]}`:                           `no status "done"`,
		`{"transactions": [{}]} {}`:                                        "more than one",
	} {
		if _, err := conformance.ReadCases(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
