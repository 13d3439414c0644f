package rpc

import (
	"fmt"
	"slices"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	pb "github.com/switchyard-dev/switchyard/internal/pb/switchyard/v1"
)

// Info is what the process of a plugin says of itself.
type Info struct {
	// Plugins are what it serves, at least one.
	Plugins []plugin.Info `json:"plugins"`
	// Features names what it can do beyond version 1 of the control plane.
	Features []string `json:"features,omitempty"`
	// Carriers are how its instances can talk over links, best first. None means that they cannot.
	Carriers []string `json:"carriers,omitempty"`
	// MaxFrame is the longest message that it takes on a link, in bytes; 0 if it does not say.
	MaxFrame uint64 `json:"max_frame,omitempty"`
}

// find returns the plugin of a kind and id, or the only one of the kind if the id is empty, and the version of the
// contract that is in force with it.
func (i *Info) find(kind plugin.Kind, id string) (plugin.Info, plugin.Version, error) {
	factories := make(plugin.Catalog, len(i.Plugins))
	for n, info := range i.Plugins {
		factories[n].Info = info
	}
	f, err := findFactory(factories, kind, id)
	if err != nil {
		return plugin.Info{}, plugin.Version{}, err
	}
	ours := plugin.API(kind)
	common, ok := ours.Common(f.Info.API)
	if !ok {
		older := "this program"
		if f.Info.API.Major < ours.Major {
			older = "the plugin"
		}
		return f.Info, common, fmt.Errorf("%v is made for version %v of a %s, this program speaks %v: update %s",
			f.Info, f.Info.API, kind, ours, older)
	}
	return f.Info, common, nil
}

// findFactory is Catalog.Find, with an empty id for the only plugin of its kind.
func findFactory(c plugin.Catalog, kind plugin.Kind, id string) (plugin.Factory, error) {
	if ids := c.IDs(kind); id == "" && len(ids) == 1 {
		id = ids[0]
	} else if id == "" && len(ids) > 1 {
		return plugin.Factory{}, fmt.Errorf("which %s? There is %v", kind, ids)
	}
	return c.Find(kind, id)
}

// kinds pairs kinds with their numbers on the wire.
func kinds() map[plugin.Kind]pb.Kind {
	return map[plugin.Kind]pb.Kind{
		plugin.Scheduler: pb.Kind_KIND_SCHEDULER,
		plugin.VM:        pb.Kind_KIND_VM,
		plugin.Store:     pb.Kind_KIND_STORE,
	}
}

// fromKind returns the name of a kind, "" for none, and one that nothing has for a kind that this side does not know.
func fromKind(k pb.Kind) plugin.Kind {
	if k == pb.Kind_KIND_UNSPECIFIED {
		return ""
	}
	for kind, n := range kinds() {
		if n == k {
			return kind
		}
	}
	return plugin.Kind(fmt.Sprintf("kind-%d", k))
}

func toInfo(i plugin.Info) *pb.Plugin {
	features := make([]string, len(i.Features))
	for n, f := range i.Features {
		features[n] = text(f)
	}
	return &pb.Plugin{
		Kind: kinds()[i.Kind], Id: text(i.ID), Version: text(i.Version), Summary: text(i.Summary),
		Api:      &pb.Version{Major: uint32(i.API.Major), Minor: uint32(i.API.Minor)},
		Features: features, Stability: text(string(i.Stability)),
	}
}

func fromInfo(r *pb.InfoResponse) *Info {
	i := &Info{Features: slices.Clone(r.GetFeatures()), Carriers: slices.Clone(r.GetCarriers()), MaxFrame: r.GetMaxFrame()}
	for _, p := range r.GetPlugins() {
		i.Plugins = append(i.Plugins, plugin.Info{
			Kind: fromKind(p.GetKind()), ID: p.GetId(), Version: p.GetVersion(), Summary: p.GetSummary(),
			API:      plugin.Version{Major: int(p.GetApi().GetMajor()), Minor: int(p.GetApi().GetMinor())},
			Features: p.GetFeatures(), Stability: plugin.Stability(p.GetStability()),
		})
	}
	return i
}
