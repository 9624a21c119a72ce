from .reading import read_ranking as read_ranking
from .reading import read_rankings as read_rankings
from .text import read_ranking_text as read_ranking_text
