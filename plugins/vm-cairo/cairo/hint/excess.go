package hint

import (
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
)

// excessHints is the hint of an exchange for derivatives: what an account has beyond its margin. Amounts are decimals.
var excessHints = map[string]Func{"EXCESS_BALANCE": excessBalance}

// settlementAsset is the market that prices are in.
const settlementAsset = "USDC-USD"

// margins are the parameters of a market.
type margins struct{ base, factor, maintenance, shift *decimal }

// position is what an account holds of a market.
type position struct {
	market                string
	amount, cost, funding *decimal
}

// markets are the dictionaries that the hint reads.
type markets struct {
	prices, indices map[string]*decimal
	margins         map[string]margins
	fees            map[felt.Felt]*decimal
	balances        []position
}

func excessBalance(c *Call) {
	kind, initial := c.Felt("margin_check_type"), c.Constant("MARGIN_CHECK_INITIAL")
	assets, account := c.Felt("token_assets_value_d"), c.Felt("account")
	m := c.markets()
	if c.Failed() {
		return
	}
	settlement, ok := m.prices[settlementAsset]
	if !ok {
		c.Failf("excess_balance_func: Key not found in prices dictionary")
	}
	zero := &decimal{new(big.Int), 0}
	pnl, funding, total, margin := zero, zero, zero, zero
	for _, p := range m.balances {
		if p.market == settlementAsset || c.Failed() {
			continue
		}
		price, index := m.of(c, "prices", m.prices, p.market), m.of(c, "indices", m.indices, p.market)
		value := c.calculated("position_value", p.amount.mul(price))
		total = c.calculated("abs_balance_value", total.add(value.abs()))
		parameters, ok := m.margins[p.market]
		if !ok {
			c.Failf("excess_balance_func: Key not found in perps dictionary")
		}
		fraction := c.calculated("margin_fraction", parameters.fraction(value.abs(), kind == initial))
		margin = c.calculated("position_margin", fraction.mul(value.abs()).add(margin))
		pnl = c.calculated("unrealized_pnl", pnl.add(value.sub(p.cost.mul(settlement))))
		funding = c.calculated("unrealized_funding_pnl",
			funding.add(p.funding.sub(index).mul(p.amount).mul(settlement)))
	}
	worth := c.calculated("account_value", pnl.add(funding).add(feltDecimal(assets)))
	fee, ok := m.fees[account]
	if !ok {
		c.Failf("excess_balance_func: Key not found in fees dictionary")
	}
	provision := c.calculated("fee_provision", total.mul(fee))
	required := c.calculated("margin_requirements", margin.add(provision))
	excess := c.calculated("excess_balance", worth.sub(required))
	c.setDecimal("check_account_value", "account_value", worth)
	c.setDecimal("check_excess_balance", "excess_balance", excess)
	c.setDecimal("check_margin_requirement_d", "margin_requirement_d", required)
	c.setDecimal("check_unrealized_pnl_d", "unrealized_pnl_d", pnl)
}

// calculated fails if d, of that name, is the result of an overflow.
func (c *Call) calculated(name string, d *decimal) *decimal {
	if d == nil {
		c.Failf("excess_balance_func: Failed to calculate %s", name)
	}
	return d
}

func (c *Call) setDecimal(last, name string, d *decimal) {
	n, ok := d.whole()
	if !ok {
		c.calculated(name, nil)
		return
	}
	var z felt.Felt
	c.SetFelt(last, *z.SetBig(n))
}

// of returns the entry of a market.
func (m *markets) of(c *Call, name string, dict map[string]*decimal, market string) *decimal {
	d, ok := dict[market]
	if !ok {
		c.Failf("excess_balance_func: Key not found in %s dictionary", name)
	}
	return d
}

// fraction returns the part of a value that must be there as margin, for the initial check or for the later ones.
func (m *margins) fraction(value *decimal, initial bool) *decimal {
	diff, ok := value.sub(m.shift).whole()
	if !ok {
		return nil
	}
	if diff.Sign() < 0 {
		diff.SetInt64(0)
	}
	root := fit(diff.Sqrt(diff), 0)
	part := root.mul(&decimal{big.NewInt(1), feltScale / 2})
	f := m.base.larger(m.factor.mul(part))
	if initial {
		return f
	}
	return m.maintenance.mul(f)
}

// markets reads the dictionaries.
func (c *Call) markets() *markets {
	m := &markets{margins: make(map[string]margins), fees: make(map[felt.Felt]*decimal)}
	m.prices, m.indices = c.decimals("prices"), c.decimals("indices")
	c.each("perps", "perps_cache_ptr", func(k, v machine.Cell) bool {
		market, ok := textOf(k)
		at, ok2 := v.Address()
		_, ok3 := textOf(c.VM().Read(at))
		p, ok4 := c.fields(at.Plus(4), 4)
		if ok && ok2 && ok3 && ok4 {
			m.margins[market] = margins{p[0], p[1], p[2], p[3]}
		}
		return ok && ok2 && ok3 && ok4
	})
	c.each("fees", "fees_cache_ptr", func(k, v machine.Cell) bool {
		account, ok := k.Felt()
		fee, ok2 := decimalOf(v)
		m.fees[account] = fee
		return ok && ok2
	})
	c.each("balances", "perps_balances_cache_ptr", func(_, v machine.Cell) bool {
		at, ok := v.Address()
		market, ok2 := textOf(c.VM().Read(at))
		p, ok3 := c.fields(at.Plus(1), 3)
		if ok && ok2 && ok3 {
			m.balances = append(m.balances, position{market, p[0], p[1], p[2]})
		}
		return ok && ok2 && ok3
	})
	return m
}

// decimals reads a dictionary of decimals by market.
func (c *Call) decimals(name string) map[string]*decimal {
	all := make(map[string]*decimal)
	c.each(name, name+"_cache_ptr", func(k, v machine.Cell) bool {
		market, ok := textOf(k)
		d, ok2 := decimalOf(v)
		all[market] = d
		return ok && ok2
	})
	return all
}

// each visits the dictionary at ids.last by ascending key; visit reports whether an entry is of the right type.
func (c *Call) each(name, last string, visit func(k, v machine.Cell) bool) {
	at, ok := c.value(last).Address()
	d := c.find(at.Segment)
	if ok = ok && d != nil && d.next == at; ok {
		var keys []machine.Cell
		for k := range d.values.All() {
			keys = append(keys, k)
		}
		slices.SortFunc(keys, func(a, b machine.Cell) int {
			x, _ := a.Felt()
			y, _ := b.Felt()
			return x.Cmp(&y)
		})
		for _, k := range keys {
			v, _ := d.values.Get(k)
			ok = ok && visit(k, v)
		}
	}
	if !ok {
		c.Failf("excess_balance_func: Failed to fetch %s dictionary. It is either missing or has unexpected data types", name)
	}
}

// fields reads n decimals from at on.
func (c *Call) fields(at machine.Address, n uint64) (all []*decimal, ok bool) {
	for i := range n {
		d, ok := decimalOf(c.VM().Read(at.Plus(i)))
		if !ok {
			return nil, false
		}
		all = append(all, d)
	}
	return all, true
}

func decimalOf(v machine.Cell) (*decimal, bool) {
	x, ok := v.Felt()
	d := feltDecimal(x)
	return d, ok && d != nil
}

// textOf returns the text that a felt is.
func textOf(v machine.Cell) (string, bool) {
	x, ok := v.Felt()
	b := x.Bytes()
	return strings.TrimLeft(string(b[:]), "\x00"), ok && utf8.Valid(b[:])
}
