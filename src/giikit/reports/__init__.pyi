from .run import run_reports as run_reports
