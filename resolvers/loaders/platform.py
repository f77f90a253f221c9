"""Jobs by keys: their owners' only."""

from typing import Final

from sqlalchemy import any_, select

from models.platform import Job
from resolvers.loaders.base import KEYS, Relation
from resolvers.scope import owned

_INSIDE: Final = {"input", "lease_until", "checked", "report_bytes"}
JOB_COLUMNS: Final = [column for column in Job.__table__.c if column.name not in _INSIDE]

JOBS = Relation(select(*JOB_COLUMNS).where(Job.id == any_(KEYS), owned(Job.owner_id)), key="id")
