// Keccak of a Uint256 again and again, in Cairo itself.
%builtins range_check bitwise

from starkware.cairo.common.alloc import alloc
from starkware.cairo.common.cairo_builtins import BitwiseBuiltin
from starkware.cairo.common.cairo_keccak.keccak import cairo_keccak_uint256s, finalize_keccak
from starkware.cairo.common.uint256 import Uint256

const ROUNDS = 252;

func hash{range_check_ptr, bitwise_ptr: BitwiseBuiltin*, keccak_ptr: felt*}(n, x: Uint256) {
    alloc_locals;
    if (n == 0) {
        return ();
    }
    let (local elements: Uint256*) = alloc();
    assert elements[0] = x;
    assert elements[1] = Uint256(n, n + 1);
    let (h) = cairo_keccak_uint256s(2, elements);
    return hash(n - 1, h);
}

func main{range_check_ptr, bitwise_ptr: BitwiseBuiltin*}() {
    alloc_locals;
    let (local start: felt*) = alloc();
    let keccak_ptr = start;
    hash{keccak_ptr=keccak_ptr}(ROUNDS, Uint256(1, 2));
    finalize_keccak(start, keccak_ptr);
    return ();
}
