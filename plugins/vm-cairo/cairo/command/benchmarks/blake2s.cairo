// Blake2s of two blocks again and again, in Cairo itself.
%builtins range_check bitwise

from starkware.cairo.common.alloc import alloc
from starkware.cairo.common.cairo_blake2s.blake2s import blake2s, finalize_blake2s
from starkware.cairo.common.cairo_builtins import BitwiseBuiltin

const ROUNDS = 350;
const WORDS = 20;

func fill(data: felt*, n, x) {
    if (n == 0) {
        return ();
    }
    assert data[0] = x + n;
    return fill(data + 1, n - 1, x);
}

func hash{range_check_ptr, bitwise_ptr: BitwiseBuiltin*, blake2s_ptr: felt*}(n) {
    alloc_locals;
    if (n == 0) {
        return ();
    }
    let (local data: felt*) = alloc();
    fill(data, WORDS, n);
    blake2s(data, 4 * WORDS);
    return hash(n - 1);
}

func main{range_check_ptr, bitwise_ptr: BitwiseBuiltin*}() {
    alloc_locals;
    let (local start: felt*) = alloc();
    let blake2s_ptr = start;
    hash{blake2s_ptr=blake2s_ptr}(ROUNDS);
    finalize_blake2s(start, blake2s_ptr);
    return ();
}
