"""Kernels forked from a loaded process, for any notebook; knows nothing of GII."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
