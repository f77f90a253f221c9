"""Queries and mutations of jobs."""

from typing import Any, Final

import strawberry

from core.errors import NotFound
from core.identity import Permission
from engine.declare import column, root
from models.platform import JobStatus
from resolvers import platform as resolve
from resolvers.context import RequestContext
from resolvers.loaders.platform import JOBS
from resolvers.paging import Ask, page, window
from schema.access import SIGNED_IN, staff
from schema.errors import Payload, UserError, mutation, shown
from schema.fields import relation
from schema.ids import required
from schema.pagination import After, Before, First, Last
from schema.platform.types import Job, JobConnection, JobKind
from services.media import UnreadableUpload
from services.platform import ImportFormat, ImportPolicy, TooManyJobs as Refusal

strawberry.enum(
    ImportFormat, description="How the file is written: JSON lines, or CSV with a header."
)
strawberry.enum(
    ImportPolicy,
    name="ImportErrorPolicy",
    description="What a bad row does to the others. IGNORE_FAILED: good rows go in."
    " REJECT_EVERYTHING: the whole file is checked first, and nothing goes in when a row is bad.",
)


@shown(Refusal)
@strawberry.type(description="The merchant has too many imports that are not finished.")
class TooManyJobs(UserError):
    maximum: int = column(int, description="How many may wait at a time.")


@strawberry.input(description="Which jobs; all conditions must hold.")
class JobWhere:
    kinds: list[JobKind] | None = strawberry.field(default=None, description="Of these kinds.")
    statuses: list[JobStatus] | None = strawberry.field(
        default=None, description="In one of these states."
    )


def _filters(where: JobWhere) -> dict[str, list[str] | None]:
    return {
        name: None if values is None else sorted({value.value for value in values})
        for name, values in (("kinds", where.kinds), ("statuses", where.statuses))
    }


@strawberry.type
class PlatformQuery:
    @root(JobConnection, auth=SIGNED_IN, description="The caller's own jobs, newest first.")
    async def jobs(
        ctx: RequestContext,
        where: JobWhere | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        asked = window(first, after, last, before)
        filters = _filters(where) if where else None
        return await page(ctx, Ask(resolve.JOBS, asked, "NEWEST", where=filters))


@strawberry.input(description="A catalogue to be taken in.")
class CatalogImportStartInput:
    merchant_id: strawberry.ID = strawberry.field(description="Who is going to sell the products.")
    upload_id: strawberry.ID = strawberry.field(
        description="The file: an upload staged for IMPORT, sent to its address before. It can be"
        " used once; the same upload again gives the same job."
    )
    format: ImportFormat = strawberry.field(description="How the file is written.")
    error_policy: ImportPolicy = strawberry.field(
        default=ImportPolicy.IGNORE_FAILED, description="What a bad row does to the others."
    )


@strawberry.type(description="The import on its way, or why it was not begun.")
class CatalogImportStartPayload(Payload):
    job: Job | None = relation(
        Job | None, JOBS, "job_id", description="The job: ask for it again to see how far it is."
    )


REFUSALS: Final = (NotFound, UnreadableUpload, Refusal)


@strawberry.type
class PlatformMutation:
    @mutation(
        CatalogImportStartPayload,
        auth=staff(Permission.MANAGE_PRODUCTS),
        description="Takes in products from a file of rows, one variant each. Rows with prices or"
        " stock need those permissions too; unknown categories, brands and product types are made"
        " for platform staff and refused otherwise. Products are found again by their reference,"
        " variants by their SKU, so that the same file twice changes nothing.",
        refusals=REFUSALS,
    )
    async def catalog_import_start(
        ctx: RequestContext, input: CatalogImportStartInput
    ) -> dict[str, Any]:
        job_id = await resolve.catalog_import_start(
            ctx,
            merchant_id=required("Merchant", input.merchant_id, "merchantId"),
            upload_id=required("StagedUpload", input.upload_id, "uploadId"),
            format=input.format,
            policy=input.error_policy,
        )
        return {"job_id": job_id}
