"""What a notebook shows: tables, the page as read, and a cluster in brief."""

from giikit.jupyter.brief import write_brief as write_brief
from giikit.jupyter.showing import Shown as Shown
from giikit.jupyter.source import show_source as show_source
from giikit.jupyter.tables import show_table as show_table
