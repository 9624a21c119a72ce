from .brief import write_brief as write_brief
from .explorer import explore as explore
from .showing import Shown as Shown
from .source import show_source as show_source
from .tables import show_table as show_table
