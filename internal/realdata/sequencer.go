package realdata

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/gateway"
)

// SequencerTransaction returns the transaction that data is in the form of StarkWare's sequencer, in which some of
// the data comes: {"Invoke": {"V3": {..}}}. The test fails if it is none.
func SequencerTransaction(tb testing.TB, data []byte) starknet.Transaction {
	tb.Helper()
	types := map[string]string{
		"Invoke": "INVOKE_FUNCTION", "Declare": "DECLARE", "Deploy": "DEPLOY",
		"DeployAccount": "DEPLOY_ACCOUNT", "L1Handler": "L1_HANDLER",
	}
	kind, body := single(tb, data)
	fields := map[string]json.RawMessage{}
	if kind != "Deploy" && kind != "L1Handler" {
		var version string
		version, body = single(tb, body)
		fields["version"] = json.RawMessage(`"0x` + version[1:] + `"`)
	}
	body = bytes.ReplaceAll(body, []byte(`"L1_DATA":`), []byte(`"L1_DATA_GAS":`))
	body = bytes.ReplaceAll(body, []byte(`_availability_mode": "L1"`), []byte(`_availability_mode": 0`))
	if err := json.Unmarshal(body, &fields); err != nil {
		tb.Fatal(err)
	}
	fields["type"] = json.RawMessage(`"` + types[kind] + `"`)
	text, err := json.Marshal(fields)
	if err != nil {
		tb.Fatal(err)
	}
	t, _, err := gateway.ParseTransaction(text)
	if err != nil {
		tb.Fatalf("%v\n%s", err, text)
	}
	return t
}

// single returns the only entry of an object.
func single(tb testing.TB, data []byte) (key string, value json.RawMessage) {
	tb.Helper()
	var entries map[string]json.RawMessage
	if err := json.Unmarshal(data, &entries); err != nil || len(entries) != 1 {
		tb.Fatalf("want an object with one entry: %v\n%.200s", err, data)
	}
	for key, value = range entries {
	}
	return key, value
}
