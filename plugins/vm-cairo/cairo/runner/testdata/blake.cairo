// Blake2s and SHA-256 in Cairo, packed.
%builtins output range_check bitwise

from starkware.cairo.common.alloc import alloc
from starkware.cairo.common.cairo_blake2s.blake2s import (
    blake2s, blake2s_add_uint256, blake2s_add_uint256_bigend, blake2s_bigend, blake2s_felts, encode_felt252_to_u32s, finalize_blake2s,
)
from starkware.cairo.common.cairo_builtins import BitwiseBuiltin
from starkware.cairo.common.uint256 import Uint256

func main{output_ptr: felt*, range_check_ptr, bitwise_ptr: BitwiseBuiltin*}() {
    alloc_locals;
    let (local start: felt*) = alloc();
    local blake2s_ptr: felt* = start;
    let (local words: felt*) = alloc();
    let data = words;
    with data {
        blake2s_add_uint256(Uint256(1, 2));
        blake2s_add_uint256_bigend(Uint256(3, 4));
        blake2s_add_uint256(Uint256(5, 6));
    }
    with blake2s_ptr {
        let (local a: Uint256) = blake2s(words, 4 * 24);
        let (local b: Uint256) = blake2s_bigend(words, 4 * 16);
        let (local c: Uint256) = blake2s_felts(2, new (7, 2 ** 200), 1);
    }
    finalize_blake2s(start, blake2s_ptr);
    let (local unpacked: felt*) = alloc();
    let n = encode_felt252_to_u32s(2, new (8, 2 ** 222), unpacked);
    assert output_ptr[0] = a.low + b.high + c.low;
    assert output_ptr[1] = n;
    assert output_ptr[2] = unpacked[5];
    let output_ptr = output_ptr + 3;
    return ();
}
