// A dictionary is written, read, updated and squashed.
%builtins range_check

from starkware.cairo.common.default_dict import default_dict_finalize, default_dict_new
from starkware.cairo.common.dict import dict_read, dict_update, dict_write
from starkware.cairo.common.dict_access import DictAccess

const ROUNDS = 24000;
const KEYS = 600;

func use{dict: DictAccess*}(n, key) {
    if (n == 0) {
        return ();
    }
    if (key == KEYS) {
        return use(n, 0);
    }
    let (old) = dict_read{dict_ptr=dict}(key);
    dict_write{dict_ptr=dict}(key, old + n);
    dict_update{dict_ptr=dict}(key, old + n, old + 1);
    return use(n - 1, key + 1);
}

func main{range_check_ptr}() {
    alloc_locals;
    let (local start: DictAccess*) = default_dict_new(default_value=7);
    let dict = start;
    use{dict=dict}(ROUNDS, 0);
    default_dict_finalize(start, dict, 7);
    return ();
}
