"""Raw files in, numbered lines out: one reader for each format, one file for each."""

from importlib import import_module
from pkgutil import iter_modules

from giikit.pages import formats as _formats
from giikit.pages.reading import MOST_BYTES as MOST_BYTES
from giikit.pages.reading import SUFFIXES as SUFFIXES
from giikit.pages.reading import Page as Page
from giikit.pages.reading import describe_unread as describe_unread
from giikit.pages.reading import find_other_paths as find_other_paths
from giikit.pages.reading import find_page_paths as find_page_paths
from giikit.pages.reading import make_page as make_page
from giikit.pages.reading import name_source as name_source
from giikit.pages.reading import read_content as read_content
from giikit.pages.reading import read_page as read_page

for _module in iter_modules(_formats.__path__):
    import_module(f"{_formats.__name__}.{_module.name}")
