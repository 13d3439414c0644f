// A chain of Pedersen hashes of the builtin.
%builtins pedersen

from starkware.cairo.common.cairo_builtins import HashBuiltin
from starkware.cairo.common.hash import hash2

const ROUNDS = 5000;

func chain{pedersen_ptr: HashBuiltin*}(n, x) {
    if (n == 0) {
        return ();
    }
    let (h) = hash2{hash_ptr=pedersen_ptr}(x, n);
    return chain(n - 1, h);
}

func main{pedersen_ptr: HashBuiltin*}() {
    chain(ROUNDS, 1);
    return ();
}
