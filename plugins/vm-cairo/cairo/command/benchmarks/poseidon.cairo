// A chain of Poseidon hashes of the builtin.
%builtins poseidon

from starkware.cairo.common.alloc import alloc
from starkware.cairo.common.builtin_poseidon.poseidon import poseidon_hash, poseidon_hash_many
from starkware.cairo.common.cairo_builtins import PoseidonBuiltin

const ROUNDS = 4000;

func chain{poseidon_ptr: PoseidonBuiltin*}(n, x) {
    alloc_locals;
    if (n == 0) {
        return ();
    }
    let (local h) = poseidon_hash(x, n);
    let (local list: felt*) = alloc();
    assert list[0] = h;
    assert list[1] = n;
    assert list[2] = x;
    let (next) = poseidon_hash_many(3, list);
    return chain(n - 1, next);
}

func main{poseidon_ptr: PoseidonBuiltin*}() {
    chain(ROUNDS, 1);
    return ();
}
