// alloc, memcpy, memset, label locations, and a temporary segment.
%builtins output range_check

from starkware.cairo.common.alloc import alloc
from starkware.cairo.common.memcpy import memcpy
from starkware.cairo.common.memset import memset
from starkware.cairo.common.registers import get_fp_and_pc, get_label_location
from starkware.cairo.common.invoke import invoke
from starkware.cairo.common.segments import relocate_segment

struct Pair {
    x: felt,
    y: felt*,
}

func double(x: felt) -> (y: felt) {
    return (y=2 * x);
}

func data() {
    dw 11;
    dw 22;
    dw 33;
}

func main{output_ptr: felt*, range_check_ptr}() {
    alloc_locals;
    let (__fp__, _) = get_fp_and_pc();
    let (local from_: felt*) = alloc();
    assert from_[0] = 7;
    assert from_[1] = 8;
    assert from_[2] = cast(from_, felt);
    let (local to: felt*) = alloc();
    memcpy(to, from_, 3);
    assert to[2] - cast(from_, felt) = 0;
    memset(to + 3, 9, 5);
    let (table: felt*) = get_label_location(data);
    local third = table[2];
    local p: Pair = Pair(x=4, y=&third);
    assert [p.y] = 33;
    let (f) = get_label_location(double);
    let (args: felt*) = alloc();
    assert args[0] = 21;
    invoke(f, 1, args);
    assert [ap - 1] = 42;
    local doubled = [ap - 1];

    local temporary_array: felt*;
    %{ ids.temporary_array = segments.add_temp_segment() %}
    assert temporary_array[0] = 100;
    assert temporary_array[1] = cast(temporary_array, felt);
    let (local real: felt*) = alloc();
    assert real[0] = 1;
    relocate_segment(temporary_array, real + 1);
    assert output_ptr[0] = to[0] + to[1] + to[7] + third + doubled;
    assert output_ptr[1] = p.x;
    let output_ptr = output_ptr + 2;
    return ();
}
