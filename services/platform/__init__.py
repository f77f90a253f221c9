"""The platform: jobs, the import of catalogues, tokens of programs."""

from services.platform.app_tokens import (
    NewAppToken,
    create_app_token,
    distrust,
    note_app_token_use,
    revoke_app_token,
)
from services.platform.errors import TooManyAppTokens, TooManyJobs
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
from services.platform.personal import erase_person, personal_data
from services.platform.tidying import forget_old_keys

__all__ = [
    "LIFETIME_SECONDS",
    "Allowed",
    "ImportFormat",
    "ImportPolicy",
    "Leased",
    "NewAppToken",
    "TooManyAppTokens",
    "TooManyJobs",
    "create_app_token",
    "distrust",
    "erase_person",
    "forget_old_keys",
    "is_genuine_report",
    "note_app_token_use",
    "personal_data",
    "report_address",
    "revoke_app_token",
    "run_import",
    "run_next_import",
    "start_file_import",
    "start_import",
]
