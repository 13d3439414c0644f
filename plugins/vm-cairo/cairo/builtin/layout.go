package builtin

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// These errors can occur when a layout is looked up or read.
var (
	// ErrLayout says that there is no layout of that name.
	ErrLayout = errors.New("builtin: unknown layout")
	// ErrParameter says that a parameter of a dynamic layout is missing or out of range.
	ErrParameter = errors.New("builtin: bad layout parameter")
)

// Ratio is the number of steps per instance of a builtin: Num / Den. A Num of 0 means that there are none.
type Ratio struct{ Num, Den uint64 }

// Layout says which builtins a proof has and what each step gives to them. Layouts are not changed.
type Layout struct {
	Name string
	// RangeUnits is how many range checks of 16 bits a step has.
	RangeUnits uint64
	// MemoryUnits is how many memory cells a step has.
	MemoryUnits uint64
	// CPUStep is the number of components of the processor per step.
	CPUStep uint64
	// PublicFraction: one of that many memory units is public.
	PublicFraction uint64
	// Diluted is the number of diluted checks per step. A Num of 0 means that the layout has none.
	Diluted Ratio
	// Ratios has the builtins of the layout other than output.
	Ratios map[Name]Ratio
	// HasOutput tells that there is the builtin output, which needs no ratio.
	HasOutput bool
}

// Numbers of the pool of diluted checks, the same in all layouts.
const (
	DilutedSpacing = 4
	DilutedBits    = 16
)

// Has reports whether the layout has the builtin n.
func (l *Layout) Has(n Name) bool {
	if n == Output {
		return l.HasOutput
	}
	_, ok := l.Ratios[n]
	return ok
}

// row is a layout as the table below gives it: ratios in the order of the builtins from pedersen on, 0 for none.
type row struct {
	ratios                     [10]uint64
	rangeUnits, public, dilute uint64
}

// table is the one of vm/src/types/layout.rs and instance_definitions/builtins_instance_def.rs.
var table = map[string]row{
	//                         ped  rc  ecdsa bit  ec_op keccak pos rc96 add  mul
	"plain":                   {[10]uint64{}, 16, 4, 0},
	"small":                   {[10]uint64{8, 8, 512}, 16, 4, 0},
	"dex":                     {[10]uint64{8, 8, 512}, 4, 4, 0},
	"recursive":               {[10]uint64{128, 8, 0, 8}, 4, 8, 16},
	"starknet":                {[10]uint64{32, 16, 2048, 64, 1024, 0, 32}, 4, 8, 2},
	"starknet_with_keccak":    {[10]uint64{32, 16, 2048, 64, 1024, 2048, 32}, 4, 8, 16},
	"recursive_large_output":  {[10]uint64{128, 8, 0, 8, 0, 0, 8}, 4, 8, 16},
	"recursive_with_poseidon": {[10]uint64{256, 16, 0, 16, 0, 0, 64}, 4, 8, 8},
	"all_solidity":            {[10]uint64{8, 8, 512, 256, 256}, 8, 8, 16},
	"all_cairo":               {[10]uint64{256, 8, 2048, 16, 1024, 2048, 256, 8, 128, 256}, 4, 8, 16},
	"all_cairo_stwo":          {[10]uint64{256, 8, 0, 16, 1024, 0, 256, 8, 128, 256}, 4, 8, 16},
	"stwo_no_ecop":            {[10]uint64{256, 8, 0, 16, 0, 0, 256, 8, 128, 256}, 4, 8, 16},
	"perpetual":               {[10]uint64{32, 16, 2048}, 4, 4, 0},
	"dex_with_bitwise":        {[10]uint64{8, 8, 512, 64}, 4, 4, 2},
}

// Layouts returns the names of the layouts other than dynamic, sorted.
func Layouts() []string { return slices.Sorted(maps.Keys(table)) }

// LayoutByName returns the layout of that name, or [ErrLayout]. The dynamic one is made by [DynamicLayout].
func LayoutByName(name string) (*Layout, error) {
	r, ok := table[name]
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrLayout, name)
	}
	l := &Layout{
		Name: name, RangeUnits: r.rangeUnits, MemoryUnits: 8, CPUStep: 1, PublicFraction: r.public,
		Diluted: Ratio{r.dilute, 1}, Ratios: make(map[Name]Ratio), HasOutput: name != "plain",
	}
	for i, n := range order[1:] {
		if r.ratios[i] != 0 {
			l.Ratios[n] = Ratio{r.ratios[i], 1}
		}
	}
	return l, nil
}
