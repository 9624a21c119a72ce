"""A profile as data: `ClusterProfile`, its rows, and the card that shows it."""

from giikit.model.card import format_text as format_text
from giikit.model.profile import ClusterProfile as ClusterProfile
from giikit.model.profile import Collaboration as Collaboration
from giikit.model.profile import Observation as Observation
from giikit.model.profile import Organization as Organization
from giikit.model.profile import TechnologyField as TechnologyField
