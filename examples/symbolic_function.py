"""Exercise 1a: the symbolic function f(x, y) = x² + 2xy + y².

In a symbolic library, `f` is not computed when it is written down: it becomes a graph of
operations, which can be printed, differentiated and compiled. Only the definition of `out`
differs from the tutorial's first example.

    python examples/symbolic_function.py
"""

from __future__ import annotations

import numpy as np

from minitheanonet.engine import T, Variable, function, grad


def f(x: Variable, y: Variable) -> Variable:
    """Return x² + 2xy + y²: of symbolic scalars or arrays, whichever come in."""
    return x**2 + 2 * x * y + y**2


def show(name: str, matrix: np.ndarray) -> None:
    """Print a matrix beside its name, a row on each line."""
    print(f"{name:<8}= {np.array2string(matrix, prefix=' ' * 10)}")


def show_graph(variable: Variable, depth: int = 0) -> None:
    """Print the operations that lead to `variable`, each above what it is applied to."""
    if variable.owner is None:
        print("    " * depth + str(variable))
        return
    print("    " * depth + str(variable.owner.op))
    for argument in variable.owner.inputs:
        show_graph(argument, depth + 1)


def main() -> None:
    """Show the function on scalars and on arrays, its gradient, and its graph."""
    x, y = T.dscalar("x"), T.dscalar("y")
    out = f(x, y)
    on_scalars = function([x, y], out)
    print("f(3, 4) =", on_scalars(np.array(3.0), np.array(4.0)))

    # The same definition on matrices. A gradient is that of a scalar, so the entries are summed:
    # each one's derivative is then still its own.
    X, Y = T.dmatrix("X"), T.dmatrix("Y")
    out_of_arrays = f(X, Y)
    by_x, by_y = grad(out_of_arrays.sum(), [X, Y])
    on_arrays = function([X, Y], [out_of_arrays, by_x, by_y])
    a, b = np.array([[0.0, 1.0], [2.0, 3.0]]), np.array([[1.0, 1.0], [-1.0, 0.5]])
    value, gradient_x, gradient_y = on_arrays(a, b)
    print(f"\nOn arrays of shape {a.shape}, entry by entry:")
    show("x", a)
    show("y", b)
    show("f(x, y)", value)
    show("∂f/∂x", gradient_x)
    right = np.allclose([gradient_x, gradient_y], 2 * a + 2 * b)
    print("By hand, ∂f/∂x = ∂f/∂y = 2x + 2y:", "the same." if right else "NOT THE SAME.")

    print("\nThe graph of `out`:")
    show_graph(out)


if __name__ == "__main__":
    main()
