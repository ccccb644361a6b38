"""Modules that a package imports and hardly ever uses: they are loaded at the first use, not with the package.

Not for what raw2adam imports: that is inside the function that needs it.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any


class _Deferred(ModuleType):
    """The place of a module in the package that imports it, until that package uses the module."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def deferred(*modules: str) -> Iterator[None]:
    """Within the block, an import of these modules loads nothing; after it, other imports are as ever."""
    places = {name: _Deferred(name) for name in modules if name not in sys.modules}
    sys.modules.update(places)
    try:
        yield
    finally:
        for name, place in places.items():
            if sys.modules.get(name) is place:
                del sys.modules[name]
