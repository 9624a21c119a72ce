from .adding import Added as Added
from .adding import add_content as add_content
from .adding import add_sources as add_sources
from .citing import cite as cite
from .starting import init_study as init_study
