"""What apps tell of what shoppers do with what they found."""

from collections.abc import Sequence
from typing import Any

import strawberry

from core.errors import InvalidInput
from engine.declare import batched, column
from models.analytics import ShopperEventKind
from resolvers import search as resolve
from resolvers.context import RequestContext
from schema.access import ANYONE
from schema.errors import Outcome, Payload, mutation
from schema.ids import inside
from schema.scalars import DateTime
from search.words import normalised
from services.analytics import Ignored, Seen

strawberry.enum(
    ShopperEventKind,
    description="What somebody did. VIEW: looked at a product's page. SEARCH: saw the results of a"
    " query. CLICK: opened a product from results.",
)


@strawberry.input(description="Something that somebody did in an app.")
class ShopperEventInput:
    kind: ShopperEventKind = strawberry.field(description="What it was.")
    product_id: strawberry.ID | None = strawberry.field(
        default=None, description="The product; VIEW and CLICK need it."
    )
    query: str | None = strawberry.field(
        default=None,
        description="The query that it belongs to, at most 200 characters; SEARCH needs it.",
    )
    rank: int | None = strawberry.field(
        default=None,
        description="In which place of the whole result the product stood: 1 to 100,000.",
    )
    happened_at: DateTime | None = strawberry.field(
        default=None,
        description="When it happened, at most 7 days ago; now if not said or in the future.",
    )


@strawberry.input(description="What happened since the last call.")
class EventTrackInput:
    events: list[ShopperEventInput] = strawberry.field(
        description="1 to 50, from different people perhaps: nothing says who it was."
    )


@strawberry.type(description="An event that was not kept.")
class IgnoredEvent:
    @batched(int, description="Its place in the input, from 0.")
    def index(ctx: RequestContext, ignored: Sequence[Ignored]) -> list[int]:
        return [each.index for each in ignored]

    @batched(str, description="Why, as a sentence for developers.")
    def reason(ctx: RequestContext, ignored: Sequence[Ignored]) -> list[str]:
        return [each.reason for each in ignored]


@strawberry.type(description="How many events were kept, or why none was looked at.")
class EventTrackPayload(Payload):
    accepted: int | None = column(int | None, description="How many; null when refused.")

    @batched(
        list[IgnoredEvent] | None,
        description="Those that were malformed: they were left out, all others were kept. Null"
        " when refused.",
    )
    def ignored(ctx: RequestContext, payloads: Sequence[Outcome]) -> list[Any]:
        return [payload["ignored"] for payload in payloads]


def _seen(given: ShopperEventInput) -> Seen:
    product_id = inside("Product", given.product_id)
    return Seen(
        kind=given.kind,
        product_id=product_id,
        is_product_malformed=given.product_id is not None and product_id is None,
        query=normalised(given.query or ""),
        rank=given.rank,
        happened_at=given.happened_at,
    )


@strawberry.type
class EventMutation:
    @mutation(
        EventTrackPayload,
        auth=ANYONE,
        description="Tells what was looked at, so that search and recommendations get better."
        " Nothing says who it was. Malformed events are left out and named; send the same events"
        " once only. At most 120 calls a minute.",
        refusals=[InvalidInput],
    )
    async def event_track(ctx: RequestContext, input: EventTrackInput) -> dict[str, Any]:
        accepted, ignored = await resolve.track(ctx, events=[_seen(each) for each in input.events])
        return {"accepted": accepted, "ignored": ignored}
