"""Which notebook runs for what, what is up to date, HTML and the index."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
