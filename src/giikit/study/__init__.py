"""A researcher's study: how it starts, and what comes into its data folder."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
