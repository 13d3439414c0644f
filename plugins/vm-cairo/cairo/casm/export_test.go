package casm

// Use goes on with other hints.
func (r *Run) Use(t *Table) { r.table = t }
