// Output: positive, negative and large numbers.
%builtins output

func main{output_ptr: felt*}() {
    assert output_ptr[0] = 5;
    assert output_ptr[1] = -7;
    assert output_ptr[2] = 2 ** 200;
    assert output_ptr[3] = -(2 ** 200);
    let output_ptr = output_ptr + 4;
    return ();
}
