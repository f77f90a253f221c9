"""The platform: jobs and the import of catalogues."""

from services.platform.errors import TooManyJobs
from services.platform.imports.order import (
    Allowed,
    ImportPolicy,
    start_file_import,
    start_import,
)
from services.platform.imports.reading import ImportFormat
from services.platform.imports.run import run as run_import, run_next as run_next_import
from services.platform.jobs import Leased
from services.platform.links import LIFETIME_SECONDS, is_genuine_report, report_address
from services.platform.tidying import forget_old_keys

__all__ = [
    "LIFETIME_SECONDS",
    "Allowed",
    "ImportFormat",
    "ImportPolicy",
    "Leased",
    "TooManyJobs",
    "forget_old_keys",
    "is_genuine_report",
    "report_address",
    "run_import",
    "run_next_import",
    "start_file_import",
    "start_import",
]
