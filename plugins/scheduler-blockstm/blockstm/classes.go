package blockstm

import (
	"slices"

	"github.com/switchyard-dev/switchyard/framework"
)

// classes holds what transactions have declared, by hash. A declaration is also a write of a key, which makes
// readers depend on it; here classes are only found.
type classes map[framework.Word][]declaration

// declaration is a class that the last attempt of a transaction declared.
type declaration struct {
	tx    framework.TxIndex
	class *framework.Class
}

// add notes the classes that an attempt of transaction tx declared.
func (c classes) add(tx framework.TxIndex, declared []framework.Class) {
	for _, class := range declared {
		c[class.Hash] = append(c[class.Hash], declaration{tx, &class})
	}
}

// remove takes back what add noted.
func (c classes) remove(tx framework.TxIndex, declared []framework.Class) {
	for i := range declared {
		hash := declared[i].Hash
		c[hash] = slices.DeleteFunc(c[hash], func(d declaration) bool { return d.tx == tx })
	}
}

// below returns a class that a transaction below tx has declared, or nil. All of one hash are the same.
func (c classes) below(hash framework.Word, tx framework.TxIndex) *framework.Class {
	for _, d := range c[hash] {
		if d.tx < tx {
			return d.class
		}
	}
	return nil
}
