// Loops, calls and jumps without any builtin.
func main() {
    let (x) = fib(1, 1, 30);
    assert x = 2178309;
    let (y) = sum_to(20);
    assert y = 210;
    jump_around(5);
    return ();
}

func fib(a, b, n) -> (res: felt) {
    if (n == 0) {
        return (res=b);
    }
    return fib(b, a + b, n - 1);
}

func sum_to(n) -> (res: felt) {
    alloc_locals;
    if (n == 0) {
        return (res=0);
    }
    local m = n;
    let (rest) = sum_to(n - 1);
    return (res=rest + m);
}

func jump_around(n) {
    [ap] = n, ap++;
    [ap] = 1, ap++;

    loop:
    [ap] = [ap - 2] - 1, ap++;
    [ap] = [ap - 2] * 3, ap++;
    jmp loop if [ap - 2] != 0;

    [ap - 1] = 3 * 3 * 3 * 3 * 3;
    [ap] = [ap - 1] / 9, ap++;
    [ap - 1] = 27;
    ap += 3;
    jmp done;
    assert 0 = 1;

    done:
    return ();
}
