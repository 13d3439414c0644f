// Structs are built, passed around and searched.
from starkware.cairo.common.alloc import alloc

const ROUNDS = 2400;
const SIZE = 60;

struct Point {
    x: felt,
    y: felt,
}

struct Shape {
    from_: Point,
    to: Point,
    weight: felt,
}

func build(shapes: Shape*, n) {
    if (n == 0) {
        return ();
    }
    assert shapes[0] = Shape(from_=Point(n, 2 * n), to=Point(n + 1, n * n), weight=n);
    return build(shapes + Shape.SIZE, n - 1);
}

func moved(s: Shape, by: Point) -> (s: Shape) {
    return (s=Shape(
        from_=Point(s.from_.x + by.x, s.from_.y + by.y), to=Point(s.to.x + by.x, s.to.y + by.y), weight=s.weight + 1
    ));
}

func total(shapes: Shape*, n, sum) -> (sum: felt) {
    if (n == 0) {
        return (sum=sum);
    }
    let (s) = moved(shapes[0], Point(n, 3));
    return total(shapes + Shape.SIZE, n - 1, sum + s.to.x * s.to.y + s.weight);
}

func repeat(shapes: Shape*, n, sum) -> (sum: felt) {
    if (n == 0) {
        return (sum=sum);
    }
    let (sum) = total(shapes, SIZE, sum);
    return repeat(shapes, n - 1, sum);
}

func main() {
    alloc_locals;
    let (local shapes: Shape*) = alloc();
    build(shapes, SIZE);
    let (_) = repeat(shapes, ROUNDS, 0);
    return ();
}
