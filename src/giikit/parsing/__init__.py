"""Lines in, a `ClusterProfile` with its findings out."""

from giikit.parsing.profiles import Mark as Mark
from giikit.parsing.profiles import ReadLine as ReadLine
from giikit.parsing.profiles import mark_lines as mark_lines
from giikit.parsing.profiles import parse_page as parse_page
from giikit.parsing.profiles import parse_profile as parse_profile
from giikit.parsing.profiles import read_profile as read_profile
