"""Tables in, bounds and findings out: what the printed numbers imply."""

from giikit.inference.checks import check_dataset as check_dataset
from giikit.inference.editions import compare_editions as compare_editions
from giikit.inference.editions import list_changes as list_changes
from giikit.inference.estimates import estimate_quantities as estimate_quantities
from giikit.inference.world import estimate_world_totals as estimate_world_totals
from giikit.inference.world import find_published as find_published
