// An array is filled and searched for its last element.
from starkware.cairo.common.alloc import alloc

const SIZE = 160000;

func fill(array: felt*, i) {
    if (i == SIZE) {
        return ();
    }
    assert array[0] = i * i + 3;
    return fill(array + 1, i + 1);
}

func search(array: felt*, i, key) -> (index: felt) {
    if (i == SIZE) {
        return (index=-1);
    }
    if (array[i] == key) {
        return (index=i);
    }
    return search(array, i + 1, key);
}

func main() {
    alloc_locals;
    let (local array: felt*) = alloc();
    fill(array, 0);
    let (index) = search(array, 0, (SIZE - 1) * (SIZE - 1) + 3);
    assert index = SIZE - 1;
    return ();
}
