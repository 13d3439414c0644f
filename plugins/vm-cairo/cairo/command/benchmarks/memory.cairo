// Arrays are filled, set and copied.
from starkware.cairo.common.alloc import alloc
from starkware.cairo.common.memcpy import memcpy
from starkware.cairo.common.memset import memset

const ROUNDS = 500;
const SIZE = 400;

func work(n) {
    alloc_locals;
    if (n == 0) {
        return ();
    }
    let (local a: felt*) = alloc();
    memset(a, n, SIZE);
    let (local b: felt*) = alloc();
    memcpy(b, a, SIZE);
    memcpy(b + SIZE, a, SIZE);
    assert b[2 * SIZE - 1] = n;
    return work(n - 1);
}

func main() {
    work(ROUNDS);
    return ();
}
