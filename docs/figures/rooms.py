"""Draw which room of the library uses which, out of its imports: ``python docs/figures/rooms.py``.

An arrow that follows from others is left out: files use the layers too. The files at the top,
`checks` and `errors`, are the ground.
"""

import ast
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "minitheanonet"
GROUND = "checks"

# Room: left, top, width, and what it is.
PLACES = {
    "command": (70, 8, 180, "python -m minitheanonet"),
    "neighbours": (70, 98, 180, "scikit-learn, ONNX"),
    "files": (70, 188, 180, "models, checkpoints"),
    "devices": (268, 188, 120, "JAX, processes"),
    "training": (70, 278, 180, "the loop, its records"),
    "layers": (8, 368, 144, "graphs, the tree"),
    "learning": (168, 368, 144, "losses, optimizers"),
    "engine": (70, 458, 180, "PyTensor or Theano"),
    "datasets": (402, 98, 122, "know no network"),
    GROUND: (8, 548, 516, "and errors: they know nothing else"),
}
HEIGHT = 50


def imported(file):
    """Return the names in the package that a module imports."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("minitheanonet"):
            parts = node.module.split(".")[1:]
            yield from parts[:1] or [alias.name for alias in node.names]


def arrows():
    """Return the pairs (room, a room that it uses)."""
    rooms = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
    found = set()
    for room in rooms:
        for file in (PACKAGE / room).rglob("*.py"):
            found |= {(room, name if name in rooms else GROUND) for name in imported(file)}
    return {(user, used) for user, used in found if user != used}


def without_detours(pairs):
    """Return the pairs that no chain of others makes."""
    reached = set(pairs)
    while longer := {(a, d) for a, b in reached for c, d in reached if b == c} - reached:
        reached |= longer
    rooms = {room for room, _ in reached}
    if circle := [room for room in rooms if (room, room) in reached]:
        raise ValueError(f"{', '.join(sorted(circle))} use one another in a circle.")
    return {(a, b) for a, b in pairs if not any({(a, c), (c, b)} <= reached for c in rooms)}


def drawing():
    """Return the drawing as SVG."""
    lines = []
    for user, used in sorted(without_detours(arrows())):
        (left, top, width, _), (other_left, other_top, other_width, _) = PLACES[user], PLACES[used]
        x, end = left + width / 2, other_left + other_width / 2
        if used == GROUND:
            end = x
        x += (end - x) / 4  # the arrows to two neighbours begin beside one another
        end += (x - end) / 4
        lines.append(
            f'<path d="M{x:g} {top + HEIGHT} L{end:g} {other_top - 2}" stroke="#555" '
            'stroke-width="1.4" marker-end="url(#tip)"/>'
        )
    for room, (left, top, width, what) in PLACES.items():
        middle = left + width / 2
        lines += [
            f'<rect x="{left}" y="{top}" width="{width}" height="{HEIGHT}" rx="7" fill="#f4f6f8" '
            'stroke="#777"/>',
            f'<text x="{middle:g}" y="{top + 22}" font-size="16" font-weight="600">{room}</text>',
            f'<text x="{middle:g}" y="{top + 40}" font-size="13" fill="#444">{what}</text>',
        ]
    body = "\n".join(lines)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 532 606" width="532" \
height="606" text-anchor="middle" font-family="sans-serif">
<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" \
orient="auto"><path d="M0 1 L9 5 L0 9 z" fill="#555"/></marker></defs>
<rect width="532" height="606" fill="#fff"/>
{body}
</svg>
"""


if __name__ == "__main__":
    (HERE / "rooms.svg").write_text(drawing(), encoding="utf-8")
