// The hints of keccak, cairo_keccak and cairo_blake2s.
%builtins output range_check bitwise

from starkware.cairo.common.alloc import alloc
from starkware.cairo.common.cairo_blake2s.blake2s import blake2s, blake2s_add_felt, blake2s_add_uint256, finalize_blake2s
from starkware.cairo.common.cairo_builtins import BitwiseBuiltin
from starkware.cairo.common.cairo_keccak.keccak import cairo_keccak_felts, finalize_keccak
from starkware.cairo.common.keccak import unsafe_keccak, unsafe_keccak_add_felt, unsafe_keccak_finalize, unsafe_keccak_init
from starkware.cairo.common.uint256 import Uint256

func main{output_ptr: felt*, range_check_ptr, bitwise_ptr: BitwiseBuiltin*}() {
    alloc_locals;
    let (local data: felt*) = alloc();
    assert data[0] = 500;
    assert data[1] = 2 ** 40;
    let (local low, local high) = unsafe_keccak(data, 26);
    let (state) = unsafe_keccak_init();
    unsafe_keccak_add_felt{keccak_state=state}(77);
    let (local h: Uint256) = unsafe_keccak_finalize(state);

    let (local keccak_start: felt*) = alloc();
    let keccak_ptr = keccak_start;
    let (local k: Uint256) = cairo_keccak_felts{keccak_ptr=keccak_ptr}(2, data);
    finalize_keccak(keccak_start, keccak_ptr);

    let (local blake_start: felt*) = alloc();
    let blake2s_ptr = blake_start;
    let (local words: felt*) = alloc();
    let d = words;
    blake2s_add_uint256{data=d}(Uint256(1, 2));
    blake2s_add_felt{data=d}(2 ** 200 + 7, bigend=1);
    let (local b: Uint256) = blake2s{blake2s_ptr=blake2s_ptr}(words, 64);
    finalize_blake2s(blake_start, blake2s_ptr);
    assert output_ptr[0] = low;
    assert output_ptr[1] = h.low;
    assert output_ptr[2] = k.high;
    assert output_ptr[3] = b.low;
    let output_ptr = output_ptr + 4;
    return ();
}
