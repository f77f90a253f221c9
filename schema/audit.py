"""The audit log: what was done, by whom, with its seal."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import strawberry

from core.db import Row
from core.errors import BadUserInput
from core.identity import Permission
from core.ids import decode, encode, prefix_of
from engine.declare import batched, column, root
from models.audit import ActorKind
from resolvers import audit as resolve
from resolvers.context import RequestContext
from resolvers.loaders.merchants import MERCHANTS
from resolvers.paging import Ask, page, window
from schema.access import SIGNED_IN, staff
from schema.catalog.inputs import NOWHERE
from schema.fields import Node, computed, reference
from schema.ids import PREFIXES, inside, node_id
from schema.merchants import Merchant
from schema.pagination import After, Before, First, Last, SortDirection, connection, is_falling
from schema.scalars import JSON, BigInt, DateTime

AUDITORS: Final = staff(Permission.VIEW_AUDIT)

strawberry.enum(
    ActorKind,
    name="AuditActorKind",
    description="Who did it. APP: a program with a token of its own. SYSTEM: a worker, or an answer"
    " of a payment provider.",
)


def _outside(kind: str, id: UUID | None) -> str | None:
    """Kinds without a GraphQL type get ids of the same form."""
    return None if id is None else encode(PREFIXES.get(kind, kind.lower()), id)


def _inside(text: str) -> UUID:
    """Of whatever kind; what is no id matches nothing."""
    return decode(prefix_of(text) or "", text) or NOWHERE


@strawberry.type(
    description="A fact that happened. Entries are never changed: each is sealed within a second"
    " into a chain that shows tampering. Platform auditors see all; who manages a merchant's"
    " settings sees that merchant's.",
    directives=[SIGNED_IN],
)
class AuditEntry(Node):
    id: strawberry.ID = node_id("AuditEntry")
    at: DateTime = column(DateTime, description="When it happened.")
    action: str = column(
        str, description="What happened, in the past tense: `PRICE_CHANGED`, `SIGN_IN_FAILED`."
    )
    actor_kind: ActorKind = column(ActorKind, description="What kind of caller did it.")
    actor_id: strawberry.ID | None = computed(
        strawberry.ID | None,
        lambda row: _outside(row["actor_kind"].title(), row["actor_id"]),
        description="Who did it: `user_…`, `guest_…` or `app_…`; null for ANONYMOUS and SYSTEM.",
    )
    object_kind: str = column(
        str, description="What kind of thing it happened to: mostly the name of a type here."
    )
    object_id: strawberry.ID | None = computed(
        strawberry.ID | None,
        lambda row: _outside(row["object_kind"], row["object_id"]),
        description="Which one; null when there is no such object, as for a refused field.",
    )
    merchant: Merchant | None = reference(
        Merchant | None,
        MERCHANTS,
        "merchant_id",
        description="Whose affair it is; null for the platform's.",
    )
    before: JSON | None = column(
        JSON | None, description="What was changed, as it was; null where nothing was before."
    )
    after: JSON | None = column(
        JSON | None,
        description="What it became, and facts about it. Amounts are in minor units. No secrets, no"
        " personal data.",
    )
    request_id: str = column(
        str, description="The `x-request-id` of the request; empty when there was none."
    )
    position: BigInt | None = column(
        BigInt | None, description="Its place in the chain; null until it is sealed."
    )

    @batched(
        str | None,
        description="SHA-256, in hexadecimal, of the entry together with the hash before it; null"
        " until it is sealed.",
    )
    def hash(ctx: RequestContext, entries: Sequence[Row]) -> list[str | None]:
        return [entry["hash"] and entry["hash"].hex() for entry in entries]

    @batched(
        str | None,
        auth=AUDITORS,
        description="The network address of who did it; null without one, and when it was erased.",
    )
    async def address(ctx: RequestContext, entries: Sequence[Row]) -> list[str | None]:
        return await resolve.details(ctx, entries, "address")

    @batched(
        str | None,
        auth=AUDITORS,
        description="What their program called itself; null without it, and when it was erased.",
    )
    async def agent(ctx: RequestContext, entries: Sequence[Row]) -> list[str | None]:
        return await resolve.details(ctx, entries, "agent")

    @batched(
        JSON | None,
        auth=AUDITORS,
        description="Personal data that belongs to the fact: an e-mail address that was typed, the"
        " reason somebody gave; null without any, and when it was erased.",
    )
    async def person(ctx: RequestContext, entries: Sequence[Row]) -> list[Any]:
        return await resolve.details(ctx, entries, "person")


AuditEntryConnection = connection(AuditEntry)


@strawberry.input(description="Which entries; all conditions must hold.")
class AuditLogWhere:
    actions: list[str] | None = strawberry.field(
        default=None, description="Of these actions, at most 100."
    )
    actor: strawberry.ID | None = strawberry.field(
        default=None, description="Done by this user, guest or app."
    )
    object: strawberry.ID | None = strawberry.field(
        default=None, description="Of this object, whatever its type."
    )
    merchant: strawberry.ID | None = strawberry.field(
        default=None, description="Of this merchant's affairs."
    )
    at_from: DateTime | None = strawberry.field(default=None, description="From this moment on.")
    at_to: DateTime | None = strawberry.field(default=None, description="Before this moment.")


def _filters(ctx: RequestContext, where: AuditLogWhere) -> dict[str, Any]:
    """Raises: BadUserInput."""
    if where.actions is not None and len(where.actions) > resolve.MAX_FILTERED:
        raise BadUserInput(f"At most {resolve.MAX_FILTERED} actions.")
    merchant = where.merchant and (inside("Merchant", where.merchant) or NOWHERE)
    return {
        "actions": where.actions,
        "actor": where.actor and _inside(where.actor),
        "object": where.object and _inside(where.object),
        "merchants": resolve.merchants_for(ctx, merchant or None),
        "at_from": where.at_from,
        "at_to": where.at_to,
    }


@strawberry.input(description="In which order: by time, then by id.")
class AuditLogSort:
    direction: SortDirection | None = strawberry.field(
        default=None, description="Newest first if not said."
    )


@strawberry.type
class AuditQuery:
    @root(
        AuditEntryConnection,
        auth=SIGNED_IN,
        description="The audit log, newest first. All of it with VIEW_AUDIT; otherwise the entries"
        " of the merchants whose settings one manages, and nothing for others.",
    )
    async def audit_log(
        ctx: RequestContext,
        where: AuditLogWhere | None = None,
        sort_by: AuditLogSort | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        asked = window(first, after, last, before)
        falling = is_falling(sort_by.direction if sort_by else None)
        filters = _filters(ctx, where or AuditLogWhere())
        return await page(ctx, Ask(resolve.LOG, asked, "AT", falling, where=filters))
