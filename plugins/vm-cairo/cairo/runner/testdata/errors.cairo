// Functions that fail, each in its own way.
%builtins range_check

from starkware.cairo.common.alloc import alloc
from starkware.cairo.common.default_dict import default_dict_new
from starkware.cairo.common.dict import dict_read, dict_update
from starkware.cairo.common.dict_access import DictAccess
from starkware.cairo.common.find_element import find_element
from starkware.cairo.common.math import (
    assert_250_bit,
    assert_le_felt,
    assert_lt_felt,
    assert_nn,
    assert_not_equal,
    assert_not_zero,
    split_int,
    unsigned_div_rem,
)

func main{range_check_ptr}() {
    return ();
}

func not_zero{range_check_ptr}() {
    assert_not_zero(0);
    return ();
}

func nn{range_check_ptr}() {
    assert_nn(-1);
    return ();
}

func le_felt{range_check_ptr}() {
    assert_le_felt(7, 5);
    return ();
}

func lt_felt{range_check_ptr}() {
    assert_lt_felt(7, 5);
    return ();
}

func not_equal{range_check_ptr}() {
    assert_not_equal(7, 7);
    return ();
}

func mixed{range_check_ptr}() {
    let (a) = alloc();
    assert_not_equal(7, cast(a, felt));
    return ();
}

func wide{range_check_ptr}() {
    assert_250_bit(2 ** 250 + 1);
    return ();
}

func division{range_check_ptr}() {
    let (q, r) = unsigned_div_rem(7, 0);
    return ();
}

func limbs{range_check_ptr}() {
    let (a) = alloc();
    split_int(1000, 2, 10, 10, a);
    return ();
}

func dictionary{range_check_ptr}() {
    let (d) = default_dict_new(0);
    dict_update{dict_ptr=d}(1, 5, 6);
    return ();
}

func pointer{range_check_ptr}() {
    let (d) = default_dict_new(0);
    let e = d + DictAccess.SIZE;
    let (x) = dict_read{dict_ptr=e}(1);
    return ();
}

func nothing{range_check_ptr}() {
    let (a) = alloc();
    let (b) = find_element(a, 1, 0, 5);
    return ();
}

func unknown{range_check_ptr}() {
    %{ launch_the_missiles() %}
    return ();
}

func scope{range_check_ptr}() {
    %{ vm_exit_scope() %}
    return ();
}

func opened{range_check_ptr}() {
    %{ vm_enter_scope() %}
    return ();
}

func assertion{range_check_ptr}() {
    assert 1 = 0;
    return ();
}

func check{range_check_ptr}() {
    assert [range_check_ptr] = 2 ** 128;
    return ();
}

func silent{range_check_ptr}() {
    [ap] = [ap + 1], ap++;
    return ();
}

func forever{range_check_ptr}() {
    loop:
    jmp loop;
}

func wild{range_check_ptr}() {
    jmp rel 1000;
}

func bomb{range_check_ptr}() {
    let (a) = alloc();
    assert a[2 ** 60] = 1;
    return ();
}

func message{range_check_ptr}() {
    with_attr error_message("The number was {x}.") {
        inner(3);
    }
    return ();
}

func inner(x) {
    with_attr error_message("Inside, {x}.") {
        assert x = 4;
    }
    return ();
}

func other_scope{range_check_ptr}() {
    alloc_locals;
    let (local dict: DictAccess*) = default_dict_new(0);
    %{ vm_enter_scope() %}
    let (x) = dict_read{dict_ptr=dict}(1);
    return ();
}

const BYTES_IN_WORD = 8;

func many_bytes{range_check_ptr}() {
    alloc_locals;
    local n_bytes = 2 ** 64;
    local n_words_to_copy;
    local n_bytes_left;
    %{ ids.n_words_to_copy, ids.n_bytes_left = divmod(ids.n_bytes, ids.BYTES_IN_WORD) %}
    return ();
}
