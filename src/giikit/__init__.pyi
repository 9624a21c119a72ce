from . import plots as plots
from .build import build_dataset as build_dataset
from .build import load_dataset as load_dataset
from .errors import GiikitError as GiikitError
from .errors import PageError as PageError
from .errors import RunError as RunError
from .inference import compare_editions as compare_editions
from .inference import estimate_quantities as estimate_quantities
from .inference import list_changes as list_changes
from .inference import list_standings as list_standings
from .jupyter import explore as explore
from .jupyter import show_source as show_source
from .jupyter import show_table as show_table
from .jupyter import write_brief as write_brief
from .model import ClusterProfile as ClusterProfile
from .parsing import parse_profile as parse_profile
from .parsing import read_profile as read_profile
from .plots.report import show_figure as show_figure
from .reports import run_reports as run_reports
from .study import cite as cite
from .tables import Dataset as Dataset
from .tables import find_rows as find_rows
from .tables import make_dataset as make_dataset
from .tables import select_cluster as select_cluster
from .tables import select_profile as select_profile

__version__: str
