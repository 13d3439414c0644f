package host

import (
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc/linker"
	"github.com/switchyard-dev/switchyard/host/graph"
)

// Graph returns what the assembly is made of: it must be open.
func (a *Assembly) Graph() (*graph.Graph, error) {
	running, _ := a.watched()
	g := new(graph.Graph)
	for _, kind := range a.kinds {
		cfg := a.cfg.Part(kind)
		p := graph.Part{Kind: kind, Place: cfg.Place}
		if running != nil && running.Handle(kind) != nil {
			h := running.Handle(kind)
			p.PID, p.Path, p.Info = h.PID(), h.Path(), h.Info()
		} else if f, err := a.catalog.Find(kind, cfg.Use); err == nil {
			p.Info = f.Info
		}
		if err := g.Add(p); err != nil {
			return nil, err
		}
	}
	var links []linker.Link
	if running != nil {
		links = running.Links()
	}
	for _, l := range links {
		g.Links = append(g.Links, graph.Link{
			From: plugin.Kind(l.From), To: plugin.Kind(l.To), Carrier: l.Carrier, Socket: l.Address, UID: l.UID,
		})
	}
	g.Complete()
	return g, nil
}
