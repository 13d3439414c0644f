package config

import (
	"github.com/switchyard-dev/switchyard/framework/plugin"
)

// DefaultFile is the file that [Load] reads if it is told of none.
const DefaultFile = "switchyard.yaml"

// Sources says where the layers of a configuration come from.
type Sources struct {
	// Base is the lowest layer; nil means [Default].
	Base *Config
	// File is a YAML or TOML file, told apart by extension, or a folder: its files of these kinds in the order of
	// their names. Empty means [DefaultFile] if there is one; a file that is named must be there.
	File string
	// Files are more files and folders; later ones win.
	Files []string
	// Env is the environment as of os.Environ. See [EnvName] for what is read of it.
	Env []string
	// Set is what was given to `--set`: KEY=VALUE with the whole path of the key. The last of a key wins.
	Set []string
	// Program is what sections are checked against. Without it they can say anything.
	Program Program
}

// Program is what a program has built in.
type Program struct {
	// Plugins are the plugins that `use` can name. nil means unknown.
	Plugins plugin.Catalog
	// Workload points to a struct with the defaults of the section workload. nil means unknown.
	Workload any
}

// Load reads all layers and returns what they say together. The error is a [Problems] that lists all that is
// wrong with the first layers that cannot be read, or else with what they say.
func Load(src Sources) (*Config, error) {
	l := &loaded{program: src.Program, origins: map[string]Origin{}, history: map[string][]Setting{}}
	layers, problems := l.read(src)
	if len(problems) > 0 {
		return nil, problems.sorted(l.files)
	}
	c, problems := l.merge(layers)
	if len(problems) > 0 {
		return nil, problems.sorted(l.files)
	}
	return c, nil
}

// read returns all layers, lowest first.
func (l *loaded) read(src Sources) ([]layer, Problems) {
	layers, problems := l.readFiles(src)
	base, more := baseLayer(src.Base)
	problems = append(problems, more...)
	layers = append([]layer{base}, layers...)

	env, more := environment(src.Env)
	problems = append(problems, more...)
	set, more := flags(src.Set)
	problems = append(problems, more...)
	if len(problems) > 0 {
		return nil, problems
	}
	l.known = src.Program.fields(uses(layers, env, set))
	for _, t := range []texts{env, set} {
		one, more := t.layer(l.known)
		problems = append(problems, more...)
		layers = append(layers, one)
	}
	for _, one := range layers {
		if one.keys != nil {
			problems = append(problems, one.check()...)
		}
	}
	return layers, problems
}

// baseLayer returns the layer of the defaults.
func baseLayer(base *Config) (layer, Problems) {
	if base == nil {
		c := Default()
		base = &c
	}
	return newLayer(Origin{Layer: FromDefault}, base.tree(), nil)
}

// tree returns the keys of c as nested maps.
func (c *Config) tree() map[string]any {
	root := map[string]any{}
	sections := map[string]map[string]any{"": root}
	for _, f := range plugin.Fields(c) {
		in, name := sections[parent(f.Key)], f.Key[len(parent(f.Key)):]
		if name[0] == '.' {
			name = name[1:]
		}
		in[name] = f.Default
		if f.Section {
			sections[f.Key] = map[string]any{}
			in[name] = sections[f.Key]
		}
	}
	return root
}
