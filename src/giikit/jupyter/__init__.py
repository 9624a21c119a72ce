"""What a notebook shows: tables, the page as read, and a cluster in brief."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
