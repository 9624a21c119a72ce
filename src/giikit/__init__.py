"""Tidy data and reproducible reports from WIPO's cluster profile pages.

``import giikit`` does no work: what is named in ``__init__.pyi`` loads when first used.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
