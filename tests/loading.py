"""Files that are not part of a package, as modules."""

import importlib.util
import sys


def load(path):
    """Load a script or an exercise file under its own name."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module
