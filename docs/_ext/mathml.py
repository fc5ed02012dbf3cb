"""Mathematics as MathML, which browsers draw by themselves: no script, no fonts from elsewhere.

Displayed formulas apart by ``\\qquad`` stand side by side, and in several lines on narrow screens.
"""

from docutils import nodes
from latex2mathml.converter import convert


def visit_math(translator, node):
    translator.body.append(convert(node.astext()))
    raise nodes.SkipNode


def visit_displaymath(translator, node):
    translator.body.append('<div class="displaymath">')
    for formula in node.astext().split(r"\qquad"):
        translator.body.append(f"<div>{convert(formula.strip(), display='block')}</div>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_displaymath, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
