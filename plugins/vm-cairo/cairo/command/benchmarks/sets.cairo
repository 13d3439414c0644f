// Elements are added to a set, which most of the time has them already, and an array is sorted.
%builtins range_check

from starkware.cairo.common.alloc import alloc
from starkware.cairo.common.set import set_add
from starkware.cairo.common.usort import usort

const ROUNDS = 30000;
const ELEMENTS = 24;

struct Element {
    x: felt,
    y: felt,
}

func fill(elements: Element*, n) {
    if (n == 0) {
        return ();
    }
    assert elements[0] = Element(n * n, n + 1);
    return fill(elements + Element.SIZE, n - 1);
}

func add_all{range_check_ptr, set_end_ptr: felt*}(set: felt*, elements: Element*, i, n) {
    if (n == 0) {
        return ();
    }
    if (i == ELEMENTS) {
        return add_all(set, elements, 0, n);
    }
    set_add(set, Element.SIZE, elements + i * Element.SIZE);
    return add_all(set, elements, i + 1, n - 1);
}

func list(to: felt*, n) {
    if (n == 0) {
        return ();
    }
    assert to[0] = (n - 10) * (n - 10);
    return list(to + 1, n - 1);
}

func main{range_check_ptr}() {
    alloc_locals;
    let (local elements: Element*) = alloc();
    fill(elements, ELEMENTS);
    let (local set: felt*) = alloc();
    let set_end_ptr = set;
    add_all{set_end_ptr=set_end_ptr}(set, elements, 0, ROUNDS);
    assert set_end_ptr - set = ELEMENTS * Element.SIZE;
    let (local numbers: felt*) = alloc();
    list(numbers, 2000);
    let (n, _, _) = usort(2000, numbers);
    assert n = 1991;
    return ();
}
