// find_element, search_sorted, set, and usort.
%builtins output range_check

from starkware.cairo.common.alloc import alloc
from starkware.cairo.common.find_element import find_element, search_sorted, search_sorted_lower
from starkware.cairo.common.set import set_add
from starkware.cairo.common.usort import usort

struct Item {
    key: felt,
    value: felt,
}

func main{output_ptr: felt*, range_check_ptr}() {
    alloc_locals;
    let (local items: Item*) = alloc();
    assert items[0] = Item(3, 30);
    assert items[1] = Item(7, 70);
    assert items[2] = Item(9, 90);
    let (local a: Item*) = find_element(items, Item.SIZE, 3, 7);
    let (local b: Item*) = search_sorted_lower(items, Item.SIZE, 3, 8);
    let (local c: Item*, local found) = search_sorted(items, Item.SIZE, 3, 9);
    let (local none: Item*, local lost) = search_sorted(items, Item.SIZE, 3, 10);
    let (local set_start: felt*) = alloc();
    local set_end: felt* = set_start;
    let set_end_ptr = set_end;
    with set_end_ptr {
        set_add(set_start, Item.SIZE, &items[0]);
        set_add(set_start, Item.SIZE, &items[1]);
        set_add(set_start, Item.SIZE, &items[0]);
    }
    local size = set_end_ptr - set_start;
    let (local list: felt*) = alloc();
    assert list[0] = 5;
    assert list[1] = 2;
    assert list[2] = 5;
    assert list[3] = 1;
    assert list[4] = 2;
    assert list[5] = 5;
    let (local n, local sorted: felt*, local counts: felt*) = usort(6, list);
    assert output_ptr[0] = a.value + b.value + c.value + found + lost;
    assert output_ptr[1] = size;
    assert output_ptr[2] = n;
    assert output_ptr[3] = sorted[0];
    assert output_ptr[4] = counts[1];
    let output_ptr = output_ptr + 5;
    return ();
}
