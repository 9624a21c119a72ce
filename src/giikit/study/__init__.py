"""A researcher's study: how it starts, and what comes into its data folder."""

from giikit.study.adding import Added as Added
from giikit.study.adding import add_content as add_content
from giikit.study.adding import add_sources as add_sources
from giikit.study.starting import init_study as init_study
