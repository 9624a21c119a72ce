"""Published ranking tables, as CSV files or as text, and their rows."""

from giikit.rankings.reading import read_rankings as read_rankings
from giikit.rankings.text import read_ranking_text as read_ranking_text
