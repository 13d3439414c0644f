package config_test

import (
	"strings"
	"testing"

	"github.com/switchyard-dev/switchyard/host/config"
)

// TestLoadRefuses has what YAML, TOML, koanf or mapstructure would let pass as something that nobody wrote.
func TestLoadRefuses(t *testing.T) {
	const noValue = ": has no value: write one, {} for an empty section, or remove the key"
	tests := []struct{ name, file, want string }{
		{"misspelt key", "block:\n  max_tsx: 1\n  intervall: 1s", "2: block.max_tsx: unknown key\n" +
			`switchyard.yaml:3: block.intervall: unknown key, did you mean "block.interval"?`},
		{"misspelt section", "\nstroe: { use: x }", `2: stroe: unknown key, did you mean "store"?`},
		{"key in another case", "VM: { use: x }", `1: VM: unknown key, did you mean "vm"?`},
		{"fraction", "block: { count: 5.9 }", "1: block.count: 5.9 is no whole number"},
		{"bool for a number", "block: { count: true }", "1: block.count: want int, got true"},
		{"text for a number", `block: { count: "" }`, "1: block.count: want int, got "},
		{"negative", "block: { count: -1 }", "1: block.count: -1 is below 0"},
		{"negative for unsigned", "block:\n  capacity:\n  - 1\n  - -1", "4: block.capacity[1]: want uint64, got -1"},
		{"number for a section that is not known", "vm: { config: 1 }", "1: vm.config: want a section, got 1"},
		{"more than fits", "block: { count: 9223372036854775808 }", "1: block.count: want int, got 9223372036854775808"},
		{"number for a text", "vm: { use: 1 }", "1: vm.use: want string, got 1"},
		{"value for a list", "block: { capacity: 1 }", "1: block.capacity: want a list, got 1"},
		{"value for a section", "block: 1", "1: block: want a section, got 1"},
		{"list for a section", "block:\n  - count: 1", "1: block: want a section, got [map[count:1]]"},
		{"duration without unit", "block: { interval: 5 }", "1: block.interval: 5 is no duration: write a unit, such as 250ms"},
		{"empty section", "\nvm:\nblock: { count: 1 }", "2: vm" + noValue},
		{"empty key", "block:\n  count:", "2: block.count" + noValue},
		{"null in an opaque list", "workload:\n  a:\n    - x\n    - ~", "4: workload.a[1]" + noValue},
		{"dotted key", "block.count: 1", "1: block.count: a key has no dot: write a section with a key in it"},
		{"dotted key in an opaque section", "workload:\n  a.b: 1\n  a: { b: 2 }", "2: workload.a.b: a key has no dot: write a section with a key in it"},
		{"key without a name", "workload: { '': 1 }", "1: workload: has an empty key"},
		{"key that is no text", "workload:\n  0x10: 1", `2: workload: "0x10" is no key: put it in quotes if it is meant to be one`},
		{"section as a key", "workload:\n  {a: b}: 1", `2: workload: "" is no key: put it in quotes if it is meant to be one`},
		{"key given twice", "vm:\n  use: a\nblock: {}\nvm:\n  use: b", "4: vm: is given twice, first in line 1"},
		{"second document", "vm: { use: a }\n---\nvm: { use: b }", "2: has a second document: put it into a file of its own"},
		{"octal or not", "workload: { a: 010 }", "1: workload.a: may be octal or not: leave out the zeros in front, or put it in quotes"},
		{"long number", "workload:\n  a: 123456789012345678901234567890", "2: workload.a: has too many digits for a number: put it in quotes"},
		{"no number", "workload: { a: .nan }", "1: workload.a: NaN is no number that can be used"},
		{"infinity", "workload: { a: -.inf }", "1: workload.a: -Inf is no number that can be used"},
		{"date", "workload: { a: 2026-01-02 }", "1: workload.a: is read as a date: put it in quotes"},
		{"tag", "workload: { a: !x 1 }", "1: workload.a: tag !x is not known here"},
		{"tag of a section", "workload: !x { a: 1 }", "1: workload: tag !x is not known here"},
		{"tag of a list", "workload: { a: !x [1] }", "1: workload.a: tag !x is not known here"},
		{"binary", "workload: { a: !!binary aGk= }", "1: workload.a: tag !!binary is not known here"},
		{"alias", "vm: &a { use: x }\nstore: *a", "2: store: aliases are not read: write the value out"},
		{"alias of itself", "workload: &a\n  b: *a", "2: workload.b: aliases are not read: write the value out"},
		{"merge", "vm: &a { use: x }\nstore: { <<: *a }", `2: store: "<<" is no key: put it in quotes if it is meant to be one`},
		{"no keys", "- a\n- b", "1: a configuration is made of keys with values"},
		{"no YAML", "vm: { use: a\nblock", "2: did not find expected ',' or '}'"},
		{"no YAML at all", "\x00", " control characters are not allowed"},
		{"unknown place", "vm: { place: nowhere }", `1: vm.place: "nowhere" is no place: write builtin, process or shared:NAME`},
		{"shared without a name", "vm: { place: 'shared:' }", `1: vm.place: "shared:" is no place: write builtin, process or shared:NAME`},
		{"builtin program", "vm: { exec: ./a, place: builtin }", "1: vm.place: a program of its own cannot be builtin: write process or shared:NAME"},
		{"no plugin", "vm:\n  use: ''", "2: vm.use: is empty: name a plugin, or set exec"},
		{"no checksum", "vm: { exec: ./a, sha256: 12 }", "1: vm.sha256: want string, got 12"},
		{"short checksum", "vm: { exec: ./a, sha256: abcd }", `1: vm.sha256: "abcd" is no SHA-256: write 64 hex digits`},
		{"checksum of nothing", "vm: { sha256: " + sum + " }", "1: vm.sha256: is for programs: set exec too"},
		{"limits of the host", "vm:\n  limits: { files: 5 }", "2: vm.limits: are for processes: a builtin plugin has those of the host"},
		{"negative limit", "vm: { place: process, limits: { files: -5 } }", "1: vm.limits: one is below 0"},
		{"size without unit", "vm: { place: process, limits: { memory: 5 } }", `1: vm.limits.memory: "5" is no size: write a unit, such as 64MiB`},
		{"no address", "monitor: { listen: here }", `1: monitor.listen: "here" is no address: write HOST:PORT`},
		{"negative time", "compile: { timeout: -1s }", "1: compile.timeout: -1s is negative"},
		{"negative pause", "restart: { backoff: -1s }", "1: restart.backoff: -1s is below 0"},
		{"key that tears the line", "\"a\\nb\": 1", `1: "a\nb": unknown key`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			write(t, map[string]string{"switchyard.yaml": tt.file})
			if got := refused(t, config.Sources{}); !strings.HasPrefix(got, "switchyard.yaml:"+tt.want) {
				t.Errorf("Load of\n%s\n  says %s\n  want switchyard.yaml:%s", tt.file, got, tt.want)
			}
		})
	}
}

func TestLoadRefusesTOML(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"misspelt key", "[block]\n\nmax_tsx = 1", "3: block.max_tsx: unknown key"},
		{"misspelt key in an inline table", "\nvm = { use = 'x',\n  plcae = 'builtin' }", `3: vm.plcae: unknown key, did you mean "vm.place"?`},
		{"dotted keys", "vm.use = 'x'\nvm.plcae = 'builtin'", `2: vm.plcae: unknown key, did you mean "vm.place"?`},
		{"key with a dot", "[workload]\n'a.b' = 1", "2: workload.a.b: a key has no dot: write a section with a key in it"},
		{"key without a name", "[workload]\n'' = 1", "1: workload: has an empty key"},
		{"date", "[workload]\na = 2026-01-02", "2: workload.a: is read as a toml.LocalDate: put it in quotes"},
		{"list of tables", "[[workload.a]]\nx = 1\n[[workload.a]]\nx = nan", "4: workload.a[1].x: NaN is no number that can be used"},
		{"list of inline tables", "[workload]\na = [{x = 1},\n  {x = nan}]", "3: workload.a[1].x: NaN is no number that can be used"},
		{"table in a list of tables", "[[workload.a]]\n[workload.a.b]\nc = inf", "3: workload.a[0].b.c: +Inf is no number that can be used"},
		{"key given twice", "[vm]\nuse = 'x'\nuse = 'y'", "3: "},
		{"no TOML", "[vm]\nuse = ", "2: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			write(t, map[string]string{"x.toml": tt.file})
			if got := refused(t, config.Sources{File: "x.toml"}); !strings.HasPrefix(got, "x.toml:"+tt.want) {
				t.Errorf("Load of\n%s\n  says %s\n  want x.toml:%s", tt.file, got, tt.want)
			}
		})
	}
}

func TestLoadRefusesTexts(t *testing.T) {
	tests := []struct {
		name     string
		env, set []string
		want     string
	}{
		{"one underscore", []string{"SWITCHYARD_STORE_PLACE=process"}, nil,
			"SWITCHYARD_STORE_PLACE: sets nothing, did you mean SWITCHYARD_STORE__PLACE?"},
		{"lower case", []string{"SWITCHYARD_store__place=process"}, nil,
			"SWITCHYARD_store__place: sets nothing, did you mean SWITCHYARD_STORE__PLACE?"},
		{"misspelt variable", []string{"SWITCHYARD_STORE__PLCAE=process"}, nil,
			`SWITCHYARD_STORE__PLCAE: store.plcae: unknown key, did you mean "store.place"?`},
		{"misspelt flag", nil, []string{"store.plcae=process"}, `--set: store.plcae: unknown key, did you mean "store.place"?`},
		{"no value", nil, []string{"store.place"}, "--set: store.place: write KEY=VALUE"},
		{"no key", nil, []string{"=x"}, "--set: has an empty key"},
		{"empty key", nil, []string{"vm..use=x"}, "--set: vm..use: has an empty key"},
		{"value and section", nil, []string{"vm.config.a=1", "vm.config.a.b=2"}, "--set: vm.config.a.b: vm.config.a is given a value too"},
		{"empty number", nil, []string{"block.count="}, "--set: block.count: want int, got "},
		{"number with a unit", nil, []string{"block.count=5k"}, "--set: block.count: want int, got 5k"},
		{"number in hex", nil, []string{"block.count=0x5"}, "--set: block.count: want int, got 0x5"},
		{"bare duration", []string{"SWITCHYARD_BLOCK__INTERVAL=5"}, nil, `SWITCHYARD_BLOCK__INTERVAL: block.interval: "5" is no duration: write 250ms or 1m30s`},
		{"list that does not end", nil, []string{"block.capacity=[1"}, "--set: block.capacity: "},
		{"more than a list", nil, []string{"block.capacity=[1]\nx: 1"}, "--set: block.capacity: is no list and no section"},
		{"null", nil, []string{"block.capacity=[~]"}, "--set: block.capacity[0]: has no value"},
		{"dotted key in a section", nil, []string{"workload.a={b.c: 1}"}, "--set: workload.a: a key has no dot"},
		{"no text", nil, []string{"vm.use=\xff"}, "--set: vm.use: is no text in UTF-8"},
		{"key that is no text", nil, []string{"workload.\xff=1"}, `--set: "workload.\xff": a key is text in UTF-8`},
		{"layers in order", []string{"SWITCHYARD_B__X=1", "SWITCHYARD_A__X=1"}, []string{"c.x=1"},
			"SWITCHYARD_A__X: a: unknown key\nSWITCHYARD_B__X: b: unknown key\n--set: c: unknown key"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			write(t, nil)
			if got := refused(t, config.Sources{Env: tt.env, Set: tt.set}); !strings.HasPrefix(got, tt.want) {
				t.Errorf("Load says %s\n    want %s", got, tt.want)
			}
		})
	}
}

// TestLoadRefusesSections has sections of plugins, in layers.
func TestLoadRefusesSections(t *testing.T) {
	write(t, map[string]string{
		"a.yaml": `vm:
  use: cairo
  config:
    stpes: 1
    wait: 3
    deep:
      dephth: 1
    layouts: [a, 1]
workload:
  acounts: 3
`,
		"b.yaml": "store: { use: tire }\nscheduler: { config: { a: 1 } }",
	})
	got := refused(t, config.Sources{File: "a.yaml", Files: []string{"b.yaml"}, Set: []string{"vm.config.steps=x", "vm.config.cache=5"}, Program: program()})
	golden(t, "problems.txt", got+"\n")
}
