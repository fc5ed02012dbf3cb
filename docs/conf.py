"""How Sphinx builds these pages: ``sphinx-build -W -b html docs docs/_build/html``.

Nothing is fetched, neither while building nor while reading: mathematics becomes MathML.
"""

import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

from minitheanonet.version import __version__  # noqa: E402

project = "minitheanonet"
author = "the authors of minitheanonet"
release = version = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "mathml",
]
exclude_patterns = ["_build"]
default_role = "py:obj"
html_math_renderer = "mathml"
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
highlight_language = "python"

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say more than the annotations
autosummary_generate = False
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
add_module_names = False

html_theme = "furo"
pygments_dark_style = "a11y-dark"  # the theme's own underlines imports as if they were links
html_title = "minitheanonet"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True}


def escape(app, what, name, obj, options, lines):
    """Undo the markup that reStructuredText reads in |x|, (n, *shape) and an author's "C. Name"."""
    lines[:] = [
        line
        if "``" in line or line.lstrip().startswith(">>>")
        else re.sub(
            r"^(\s*)([A-Z]\. )", r"\1\\\2", re.sub(r"\|([^|]+)\|", r"\\|\1\\|", line)
        ).replace("(n, *", r"(n, \*")
        for line in apart(lines)
    ]


def apart(lines):
    """Yield the lines, one for each name where attributes share one: Sphinx takes one name only.

    Marks of footnotes are left out, since MyST doesn't carry them over from a docstring; what they
    point to is under "References" right below.
    """
    for line in lines:
        line = re.sub(r" \[\d+\]_|^\.\. \[\d+\] ", "", line)
        shared = re.match(r"(\s*:(?:ivar|vartype)) (\w+(?:, \w+)+)(:.*)", line)
        if shared:
            yield from (f"{shared[1]} {name}{shared[3]}" for name in shared[2].split(", "))
        else:
            yield line


def shorten(app, what, name, obj, options, signature, returned):
    """Show a default that is a lambda as an ellipsis."""
    if signature is None:
        return None
    return re.sub(r"<function \S*<lambda>>", "...", signature), returned


def say_the_language(app, pagename, templatename, context, doctree):
    """Tell browsers and screen readers which language a page is in."""
    context["language"] = "es" if pagename.endswith("_es") else "en"


def setup(app):
    app.connect("autodoc-process-docstring", escape)
    app.connect("autodoc-process-signature", shorten)
    app.connect("html-page-context", say_the_language)
