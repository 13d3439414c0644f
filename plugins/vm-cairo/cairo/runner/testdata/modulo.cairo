// The modulo builtins: sums, products and quotients of a circuit.
%builtins output range_check96 add_mod mul_mod

from starkware.cairo.common.cairo_builtins import ModBuiltin, UInt384
from starkware.cairo.common.modulo import run_mod_p_circuit
from starkware.cairo.common.registers import get_label_location
from starkware.cairo.common.alloc import alloc

func main{output_ptr: felt*, range_check96_ptr: felt*, add_mod_ptr: ModBuiltin*, mul_mod_ptr: ModBuiltin*}() {
    alloc_locals;
    let p = UInt384(0x76543210fedcba9876543211, 0x2, 0x0, 0x1);
    let (local values: UInt384*) = alloc();
    assert values[0] = UInt384(5, 6, 7, 0);
    assert values[1] = UInt384(0x76543210fedcba9876543210, 0x2, 0x0, 0x1);
    let (adds: felt*) = get_label_location(add_offsets);
    let (muls: felt*) = get_label_location(mul_offsets);
    run_mod_p_circuit(
        p=p, values_ptr=values, add_mod_offsets_ptr=adds, add_mod_n=2, mul_mod_offsets_ptr=muls, mul_mod_n=2
    );
    assert [range_check96_ptr] = values[2].d0;
    assert [range_check96_ptr + 1] = values[4].d1;
    let range_check96_ptr = range_check96_ptr + 2;
    assert output_ptr[0] = values[2].d0;
    assert output_ptr[1] = values[3].d0;
    assert output_ptr[2] = values[4].d0;
    assert output_ptr[3] = values[5].d0;
    let output_ptr = output_ptr + 4;
    return ();

    // 0 + 1 = 2 and 3 + 1 = 0.
    add_offsets:
    dw 0;
    dw 4;
    dw 8;
    dw 12;
    dw 4;
    dw 0;

    // 2 * 0 = 4 and 5 * 1 = 4.
    mul_offsets:
    dw 8;
    dw 0;
    dw 16;
    dw 20;
    dw 4;
    dw 16;
}
