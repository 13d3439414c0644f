//go:build !amd64 || purego

package lanes

// Fast reports whether the functions run in assembly on this processor.
func Fast() bool { return false }

func mulBlocks(_, _, _ *Block, _ int)               { panic("lanes: no assembly") }
func subBlocks(_, _, _ *Block, _ int)               { panic("lanes: no assembly") }
func addBlocks(_ *Block, _ *Limbs, _ int)           { panic("lanes: no assembly") }
func mixBlocks(_, _, _ *Block, _ *[3]Limbs, _ int)  { panic("lanes: no assembly") }
func partialBlocks(_, _, _ *Block, _ *Limbs, _ int) { panic("lanes: no assembly") }
func gatherBlock(_ *Block, _ *[Width]*[4]uint64)    { panic("lanes: no assembly") }
