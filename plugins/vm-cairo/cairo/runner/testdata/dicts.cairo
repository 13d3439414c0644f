// The hints of dict, default_dict and squash_dict.
%builtins output range_check

from starkware.cairo.common.default_dict import default_dict_finalize, default_dict_new
from starkware.cairo.common.dict import dict_read, dict_squash, dict_update, dict_write
from starkware.cairo.common.dict_access import DictAccess
from starkware.cairo.common.squash_dict import squash_dict
from starkware.cairo.common.alloc import alloc

func fill{range_check_ptr, d: DictAccess*}(i) {
    if (i == 0) {
        return ();
    }
    let (old) = dict_read{dict_ptr=d}(key=i * i);
    dict_write{dict_ptr=d}(key=i * i, new_value=old + i);
    dict_write{dict_ptr=d}(key=7, new_value=i);
    return fill(i - 1);
}

func main{output_ptr: felt*, range_check_ptr}() {
    alloc_locals;
    let (local start) = default_dict_new(default_value=3);
    let d = start;
    with d {
        fill(12);
        dict_update{dict_ptr=d}(key=7, prev_value=1, new_value=99);
        dict_write{dict_ptr=d}(key=-5, new_value=1);
    }
    let (local s_start, local s_end) = default_dict_finalize(start, d, 3);
    let (local e) = default_dict_new(0);
    let f = e;
    dict_write{dict_ptr=f}(5, 6);
    let (local sq, local sq_end) = dict_squash(e, f);
    local g: DictAccess* = sq_end;
    let h = g;
    let (x) = dict_read{dict_ptr=h}(5);
    local y = x;



    assert output_ptr[0] = y;
    assert output_ptr[1] = (s_end - s_start) / DictAccess.SIZE;
    assert output_ptr[2] = s_start[0].key;
    assert output_ptr[3] = s_start[0].new_value;
    let output_ptr = output_ptr + 4;
    return ();
}
