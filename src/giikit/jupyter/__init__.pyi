from .explorer import explore as explore
from .showing import Shown as Shown
from .showing import show_source as show_source
from .showing import show_table as show_table
from .showing import write_brief as write_brief
