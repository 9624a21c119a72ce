from .checks import check_dataset as check_dataset
from .editions import compare_editions as compare_editions
from .editions import list_changes as list_changes
from .editions import list_standings as list_standings
from .estimates import estimate_quantities as estimate_quantities
from .world import COUNTS as COUNTS
from .world import estimate_world_totals as estimate_world_totals
from .world import find_published as find_published
