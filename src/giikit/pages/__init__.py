"""Raw files in, numbered lines out: one reader for each format, one file for each."""

from importlib import import_module
from pkgutil import iter_modules

import lazy_loader

from giikit.pages import formats as _formats

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

for _module in iter_modules(_formats.__path__):
    import_module(f"{_formats.__name__}.{_module.name}")
