"""Jobs."""

from collections.abc import Sequence
from enum import StrEnum

import strawberry

from core.db import Row
from engine.declare import batched, column
from models.platform import JobStatus
from resolvers import platform as resolve
from resolvers.context import RequestContext
from resolvers.loaders.merchants import MERCHANTS
from schema.access import SIGNED_IN
from schema.fields import Node, reference
from schema.ids import node_id
from schema.merchants import Merchant
from schema.pagination import connection
from schema.scalars import DateTime

strawberry.enum(JobStatus, description="QUEUED, then RUNNING, then SUCCEEDED or FAILED.")


@strawberry.enum(description="What a job does.")
class JobKind(StrEnum):
    CATALOG_IMPORT = "CATALOG_IMPORT"


@strawberry.type(description="How far a job is, counted in rows of its file.")
class JobProgress:  # rows: jobs
    processed: int = column(int, description="Rows dealt with, the refused ones among them.")
    failed: int = column(
        int,
        description="Rows of which something was refused; the report tells what. While a file is"
        " only checked, this counts and `processed` does not yet.",
    )
    total: int | None = column(int | None, description="Rows in all; null until they are counted.")


@strawberry.type(
    description="Work that takes longer than a request. Only who started it sees it.",
    directives=[SIGNED_IN],
)
class Job(Node):
    id: strawberry.ID = node_id("Job")
    kind: JobKind = column(JobKind, description="What it does.")
    status: JobStatus = column(JobStatus, description="Where it stands.")
    error: str | None = column(
        str | None, description="Why it FAILED as a whole, as a sentence; null otherwise."
    )
    created_at: DateTime = column(DateTime, description="When it was started.")
    finished_at: DateTime | None = column(
        DateTime | None, description="When it ended; null before."
    )
    merchant: Merchant | None = reference(
        Merchant | None, MERCHANTS, "merchant_id", description="For whom it works."
    )

    @batched(JobProgress, description="How far it is.")
    def progress(ctx: RequestContext, jobs: Sequence[Row]) -> Sequence[Row]:
        return jobs

    @batched(
        str | None,
        description="Where its report can be fetched with GET, for an hour from now, without a"
        " token: JSON lines of `{line, field, code, message}`, one per refusal. Null while it"
        " runs, and when nothing was refused.",
    )
    def result_url(ctx: RequestContext, jobs: Sequence[Row]) -> list[str | None]:
        return resolve.result_urls(ctx, jobs)


JobConnection = connection(Job)
