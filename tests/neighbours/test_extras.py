"""Packages that extras bring are not imported before they are needed."""

import subprocess
import sys


def test_importing_the_library_imports_none_of_its_neighbours():
    extras = {"onnx", "tensorboardX", "pymc"}
    code = f"import sys, minitheanonet; print(*{extras} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
