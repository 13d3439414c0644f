// A million Fibonacci numbers: additions, subtractions and jumps.

func main() {
    fibonacci(1, 1, 1000000);
    return ();
}

func fibonacci(first, second, n) -> felt {
    [ap] = first, ap++;
    [ap] = second, ap++;
    [ap] = n, ap++;

    loop:
    [ap] = [ap - 2], ap++;
    [ap] = [ap - 4] + [ap - 1], ap++;
    [ap] = [ap - 3] - 1, ap++;
    jmp loop if [ap - 1] != 0;
    return [ap - 2];
}
