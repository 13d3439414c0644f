package config

import (
	"github.com/switchyard-dev/switchyard/framework/plugin"
)

// fields returns all keys that are known: those of the host, and of the sections of the plugins in use.
func (p Program) fields(use map[plugin.Kind]pair) []plugin.Field {
	defaults := Default()
	all := plugin.Fields(&defaults)
	add := func(section string, config any) {
		for _, f := range plugin.Fields(config) {
			f.Key = join(section, f.Key)
			all = append(all, f)
		}
	}
	for _, kind := range plugin.Kinds() {
		if f, ok := p.factory(kind, use[kind]); ok {
			add(string(kind)+".config", f.Defaults())
		}
	}
	if p.Workload != nil {
		add("workload", p.Workload)
	}
	return all
}

// factory returns the plugin of a part, if it is one of the program's own.
func (p Program) factory(kind plugin.Kind, use pair) (plugin.Factory, bool) {
	if use.exec != "" {
		return plugin.Factory{}, false
	}
	f, err := p.Plugins.Find(kind, use.use)
	return f, err == nil
}

// uses returns which plugin each part has once all layers are merged.
func uses(layers []layer, higher ...texts) map[plugin.Kind]pair {
	use := map[plugin.Kind]pair{}
	for _, kind := range plugin.Kinds() {
		for _, one := range layers {
			if p, given := pairOf(one.keys, string(kind)); given {
				use[kind] = p
			}
		}
		for _, t := range higher {
			name, isUse := t.value[string(kind)+".use"]
			exec, isExec := t.value[string(kind)+".exec"]
			if isUse || isExec {
				use[kind] = pair{name, exec}
			}
		}
	}
	return use
}

// Validate checks the sections of the plugins and of the workload against what a program knows of them. [Load] does so
// by itself if it is given a program. The error is a [Problems]. c must come from [Load].
func (c *Config) Validate(p Program) error {
	return c.validate(p).sorted(c.loaded.files).err()
}

func (c *Config) validate(p Program) Problems {
	var problems Problems
	for _, kind := range plugin.Kinds() {
		part := c.part(kind)
		if p.Plugins == nil || part.Exec != "" {
			continue
		}
		f, err := p.Plugins.Find(kind, part.Use)
		if err != nil {
			problems = append(problems, place(err, string(kind)+".use", c.loaded.origin)...)
			continue
		}
		section := string(kind) + ".config"
		problems = append(problems, c.checkSection(section, part.Config, f.Defaults())...)
	}
	if p.Workload != nil {
		problems = append(problems, c.checkSection("workload", c.Workload, plugin.Clone(p.Workload))...)
	}
	return problems
}

// checkSection returns what is wrong with a section for a config struct, without telling its secrets.
func (c *Config) checkSection(section string, values map[string]any, config any) Problems {
	var known secrets
	for _, f := range plugin.Fields(config) {
		f.Key = join(section, f.Key)
		known = append(known, f)
	}
	return known.mask(place(plugin.Decode(values, config), section, c.loaded.origin), section, values)
}

// field returns what is known of a key.
func field(known []plugin.Field, key string) (plugin.Field, bool) {
	for _, f := range known {
		if f.Key == key {
			return f, true
		}
	}
	return plugin.Field{}, false
}
