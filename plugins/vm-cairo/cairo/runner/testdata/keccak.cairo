// The keccak builtin.
%builtins output keccak

from starkware.cairo.common.cairo_builtins import KeccakBuiltin
from starkware.cairo.common.keccak_state import KeccakBuiltinState

func main{output_ptr: felt*, keccak_ptr: KeccakBuiltin*}() {
    assert keccak_ptr[0].input = KeccakBuiltinState(1, 2, 3, 4, 5, 6, 7, 2 ** 200 - 1);
    let x = keccak_ptr[0].output;
    assert keccak_ptr[1].input = KeccakBuiltinState(x.s0, x.s1, x.s2, x.s3, x.s4, x.s5, x.s6, x.s7);
    let y = keccak_ptr[1].output;
    let keccak_ptr = keccak_ptr + 2 * KeccakBuiltin.SIZE;
    assert output_ptr[0] = y.s0;
    assert output_ptr[1] = y.s7;
    let output_ptr = output_ptr + 2;
    return ();
}
