"""What a notebook shows: tables, and the page as read."""

from giikit.jupyter.showing import Shown as Shown
from giikit.jupyter.source import show_source as show_source
from giikit.jupyter.tables import show_table as show_table
