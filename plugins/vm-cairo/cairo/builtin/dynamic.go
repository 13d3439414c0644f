package builtin

import (
	"encoding/json"
	"fmt"
	"math"
)

// DynamicLayout returns the layout that a parameter file describes: a JSON object with rc_units,
// cpu_component_step, memory_units_per_step, log_diluted_units_per_step, and for each builtin X
// uses_X_builtin (0, 1 or a boolean) and X_ratio; the last three builtins also have X_ratio_den.
// Other keys are ignored. Every error wraps [ErrParameter] and names the key.
func DynamicLayout(data []byte) (*Layout, error) {
	var raw map[string]any
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrParameter, err)
	}
	var err error
	number := func(key string, low float64) uint64 {
		v, ok := raw[key].(float64)
		if (!ok || v != math.Trunc(v) || v < low || v > math.MaxUint32) && err == nil {
			err = fmt.Errorf("%w: %s is %v, want a whole number from %v on", ErrParameter, key, raw[key], low)
		}
		return uint64(v)
	}
	l := &Layout{
		Name: "dynamic", RangeUnits: number("rc_units", 3), MemoryUnits: number("memory_units_per_step", 1),
		CPUStep: number("cpu_component_step", 1), PublicFraction: 8, Ratios: make(map[Name]Ratio), HasOutput: true,
	}
	log, ok := raw["log_diluted_units_per_step"].(float64)
	if (!ok || log != math.Trunc(log) || math.Abs(log) >= 32) && err == nil {
		err = fmt.Errorf("%w: log_diluted_units_per_step is %v, want a whole number between -32 and 32",
			ErrParameter, raw["log_diluted_units_per_step"])
	}
	if err != nil {
		return nil, err
	}
	l.Diluted = Ratio{1, 1}
	if log < 0 {
		l.Diluted.Den <<= uint(-log)
	} else {
		l.Diluted.Num <<= uint(log)
	}
	for i, n := range order[1:] {
		ratio := Ratio{number(string(n)+"_ratio", 0), 1}
		if i >= 7 {
			ratio.Den = number(string(n)+"_ratio_den", 1)
		}
		switch uses := raw["uses_"+n.String()]; uses {
		case true, 1.0:
		case false, 0.0:
			if ratio.Num != 0 && err == nil {
				err = fmt.Errorf("%w: dynamic layout %v ratio should be 0 when disabled", ErrParameter, n)
			}
		default:
			if err == nil {
				err = fmt.Errorf("%w: uses_%v is %v, want true or false", ErrParameter, n, uses)
			}
		}
		l.Ratios[n] = ratio
	}
	if err != nil {
		return nil, err
	}
	return l, nil
}
