"""Reviews that come from elsewhere, with the products they are about."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import DomainError, InvalidInput, Refusals
from core.ids import new_id
from models.catalog import Product, Review
from services import events
from services.catalog.denormalised import refresh_ratings
from services.catalog.errors import placed
from services.catalog.texts import NAME, line_problems, text_problems
from services.recordset import insertion

MAX_TITLE: Final = 200
MAX_BODY: Final = 10_000
LOWEST: Final = 1
HIGHEST: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDraft:
    """external_reference: of the review where it comes from; finds it again in its product."""

    product_id: UUID
    external_reference: str
    author_name: str
    rating: int
    created_at: datetime
    title: str = ""
    body: str = ""


_LOCK: Final = (
    select(Product.id, Product.version)
    .where(Product.id == any_(bindparam("products", type_=ARRAY(Uuid()))))
    .order_by(Product.id)
    .with_for_update(key_share=True)
)
_insert = insertion(
    Review,
    "id",
    "product_id",
    "external_reference",
    "author_name",
    "rating",
    "created_at",
    "title",
    "body",
    "is_verified_purchase",
)
_PUT: Final = _insert.on_conflict_do_update(
    index_elements=["product_id", "external_reference"],
    set_={
        name: _insert.excluded[name]
        for name in ("author_name", "rating", "created_at", "title", "body")
    },
)


async def put_reviews(session: AsyncSession, drafts: Sequence[ReviewDraft]) -> None:
    """Write reviews of any products and work out their ratings anew; four statements.

    Raises: Refusals, their paths beginning with the number of the draft.
    """
    problems = [
        placed(problem, str(n)) for n, draft in enumerate(drafts) for problem in _problems(draft)
    ]
    if problems:
        raise Refusals(problems)
    if not drafts:
        return
    ids = {draft.product_id for draft in drafts}
    locked = (await session.execute(_LOCK, {"products": list(ids)})).all()
    rows = {
        (draft.product_id, draft.external_reference): {
            "id": new_id(),
            **asdict(draft),
            "is_verified_purchase": False,
        }
        for draft in drafts
    }
    await session.execute(_PUT, {"rows": list(rows.values())})
    await refresh_ratings(session, ids)
    await events.record(
        session,
        *[events.event("ProductRatingChanged", row.id, version=row.version) for row in locked],
    )


def _problems(draft: ReviewDraft) -> Iterator[DomainError]:
    if not LOWEST <= draft.rating <= HIGHEST:
        problem = f"A rating is {LOWEST} to {HIGHEST}."
        yield InvalidInput(problem=problem, path=("rating",))
    yield from line_problems(draft.author_name, "authorName", longest=NAME)
    yield from line_problems(draft.external_reference, "externalReference", longest=NAME)
    yield from text_problems(draft.title, "title", longest=MAX_TITLE)
    yield from text_problems(draft.body, "body", longest=MAX_BODY)
