from .card import format_text as format_text
from .profile import ROWS as ROWS
from .profile import ClusterProfile as ClusterProfile
from .profile import Collaboration as Collaboration
from .profile import Observation as Observation
from .profile import Organization as Organization
from .profile import TechnologyField as TechnologyField
