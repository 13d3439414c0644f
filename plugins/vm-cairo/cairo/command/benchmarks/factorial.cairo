// The factorial of a million: products of full width.

func main() {
    factorial(1000000);
    return ();
}

func factorial(n) -> felt {
    [ap] = 3618502788666131213697322783095070105623107215331596699973092056135872020000, ap++;
    [ap] = n, ap++;

    loop:
    [ap] = [ap - 2] * [ap - 1], ap++;
    [ap] = [ap - 2] - 1, ap++;
    jmp loop if [ap - 1] != 0;
    return [ap - 2];
}
