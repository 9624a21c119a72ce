"""Which notebook runs for what, what is up to date, HTML and the index."""

from giikit.reports.run import run_reports as run_reports
