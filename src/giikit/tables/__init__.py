"""Profiles in, tidy tables out; declared once in columns.csv."""

from giikit.tables.frames import COLUMNS as COLUMNS
from giikit.tables.frames import KEY as KEY
from giikit.tables.frames import SCHEMAS as SCHEMAS
from giikit.tables.frames import TABLES as TABLES
from giikit.tables.frames import Column as Column
from giikit.tables.frames import Dataset as Dataset
from giikit.tables.frames import Source as Source
from giikit.tables.frames import make_dataset as make_dataset
from giikit.tables.frames import make_table as make_table
from giikit.tables.frames import sort_findings as sort_findings
from giikit.tables.selection import list_rows as list_rows
from giikit.tables.selection import select_cluster as select_cluster
from giikit.tables.selection import select_clusters as select_clusters
from giikit.tables.selection import select_edition as select_edition
from giikit.tables.selection import select_profile as select_profile
from giikit.tables.storage import describe_package as describe_package
from giikit.tables.storage import read_origins as read_origins
from giikit.tables.storage import write_csv as write_csv
from giikit.tables.workbook import write_workbook as write_workbook
