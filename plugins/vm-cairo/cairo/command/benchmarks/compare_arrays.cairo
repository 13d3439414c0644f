// Two arrays are filled and compared, cell by cell.
from starkware.cairo.common.alloc import alloc

const SIZE = 120000;

func fill(array: felt*, n) {
    if (n == 0) {
        return ();
    }
    assert array[0] = n;
    return fill(array + 1, n - 1);
}

func compare(a: felt*, b: felt*, n) {
    if (n == 0) {
        return ();
    }
    assert a[0] = b[0];
    return compare(a + 1, b + 1, n - 1);
}

func main() {
    alloc_locals;
    let (local a: felt*) = alloc();
    fill(a, SIZE);
    let (local b: felt*) = alloc();
    fill(b, SIZE);
    compare(a, b, SIZE);
    return ();
}
