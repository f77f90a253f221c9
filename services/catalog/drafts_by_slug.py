"""Set-up of what the platform keeps by slug: brands and categories made or changed in bulk."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import DomainError, Refusals
from core.ids import new_id
from services import audit, events
from services.catalog.errors import placed


async def put_by_slug(
    session: AsyncSession,
    drafts: Sequence[Any],
    *,
    put: Executable,
    problems_of: Callable[[Mapping[str, Any]], Iterable[DomainError]],
    kind: str,
    action: str,
) -> list[UUID]:
    """Make what is new, change what is known by its slug; three statements.

    drafts: dataclasses with a `slug`; put: takes `rows` and returns slug and id.
    kind: the type's name; action: of the audit log.

    Raises: Refusals, their paths beginning with the number of the draft.
    """
    problems = [
        placed(problem, str(n))
        for n, draft in enumerate(drafts)
        for problem in problems_of(asdict(draft))
    ]
    if problems:
        raise Refusals(problems)
    rows = {draft.slug: {"id": new_id(), **asdict(draft)} for draft in drafts}
    in_order = [rows[slug] for slug in sorted(rows)]  # nobody waits for anybody in a circle
    found = await session.execute(put, {"rows": in_order})
    ids = {row.slug: row.id for row in found}
    await events.record(session, *[events.event(f"{kind}Changed", each) for each in ids.values()])
    entries = [audit.entry(action, kind, each, after={"slug": slug}) for slug, each in ids.items()]
    await audit.record(session, *entries)
    return [ids[draft.slug] for draft in drafts]
