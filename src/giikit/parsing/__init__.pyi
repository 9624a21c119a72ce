from .profiles import Mark as Mark
from .profiles import ReadLine as ReadLine
from .profiles import mark_lines as mark_lines
from .profiles import parse_page as parse_page
from .profiles import parse_profile as parse_profile
from .profiles import read_profile as read_profile
