"""Queries and mutations of carts."""

from typing import Any

import strawberry

from engine.declare import column, root
from resolvers import accounts as resolve_accounts, cart as resolve
from resolvers.context import RequestContext
from resolvers.loaders.cart import CARTS, OPEN_CARTS
from schema.access import ANYONE, SIGNED_IN
from schema.cart.errors import LINE_REFUSALS
from schema.cart.types import Cart
from schema.errors import Payload, mutation
from schema.fields import relation
from schema.ids import inside, required
from services import accounts
from services.cart import LineChange, NewLine


@strawberry.type
class CartQuery:
    @root(
        Cart | None,
        auth=ANYONE,
        description="A cart of the caller; without an id the open one. Null when there is none.",
    )
    async def cart(ctx: RequestContext, id: strawberry.ID | None = None) -> Any:
        if id is None:
            return await ctx.one(OPEN_CARTS, ctx.caller.subject)
        return await ctx.one(CARTS, inside("Cart", id))


@strawberry.input(description="Units of a variant to put into a cart.")
class CartLineInput:
    variant_id: strawberry.ID = strawberry.field(description="The variant.")
    quantity: int = strawberry.field(
        default=1, description="How many to add; a line takes 1 to 99 in all."
    )


@strawberry.input(description="The number of units that a line shall have.")
class CartLineUpdateInput:
    line_id: strawberry.ID = strawberry.field(description="The line.")
    quantity: int = strawberry.field(description="1 to 99; 0 removes the line.")


@strawberry.input(description="What a new cart begins with.")
class CartCreateInput:
    lines: list[CartLineInput] = strawberry.field(
        default_factory=list, description="What to put in at once, at most 100 lines."
    )


@strawberry.input(description="What to add to which cart.")
class CartLinesAddInput:
    cart_id: strawberry.ID = strawberry.field(description="The cart.")
    lines: list[CartLineInput] = strawberry.field(description="1 to 100 lines.")
    expected_version: int | None = strawberry.field(
        default=None, description="Refuse when the cart has another version by now."
    )


@strawberry.input(description="Which lines shall have how many units.")
class CartLinesUpdateInput:
    cart_id: strawberry.ID = strawberry.field(description="The cart.")
    lines: list[CartLineUpdateInput] = strawberry.field(description="1 to 100 lines.")
    expected_version: int | None = strawberry.field(
        default=None, description="Refuse when the cart has another version by now."
    )


@strawberry.input(description="Whose cart to take along.")
class CartMergeInput:
    guest_token: str = strawberry.field(
        description="The token that `cartCreate` gave when the shopper was not signed in."
    )


AFTER = "The cart after the change; null when refused."


@strawberry.type(description="The caller's open cart.")
class CartCreatePayload(Payload):
    cart: Cart | None = relation(Cart | None, CARTS, "cart_id", description=AFTER)
    guest_token: str | None = column(
        str | None,
        description=(
            "For an anonymous caller: send it as Bearer token from now on; it is what makes this"
            " cart yours. Good for 30 days. Null for everybody else."
        ),
    )


@strawberry.type(description="The cart after lines were added.")
class CartLinesAddPayload(Payload):
    cart: Cart | None = relation(Cart | None, CARTS, "cart_id", description=AFTER)


@strawberry.type(description="The cart after lines were changed.")
class CartLinesUpdatePayload(Payload):
    cart: Cart | None = relation(Cart | None, CARTS, "cart_id", description=AFTER)


@strawberry.type(description="The account's cart with the guest's lines.")
class CartMergePayload(Payload):
    cart: Cart | None = relation(Cart | None, OPEN_CARTS, "user_id", description=AFTER)


@strawberry.type
class CartMutation:
    @mutation(
        CartCreatePayload,
        auth=ANYONE,
        description=(
            "Gives the caller's open cart, a new one if there is none, with the lines added to"
            " it. An anonymous caller becomes a guest and gets a token."
        ),
        refusals=LINE_REFUSALS,
    )
    async def cart_create(ctx: RequestContext, input: CartCreateInput) -> dict[str, Any]:
        return await resolve.create(ctx, new_lines(input.lines))

    @mutation(
        CartLinesAddPayload,
        auth=ANYONE,
        description="Adds units of variants; a line that is there already gains units.",
        refusals=LINE_REFUSALS,
    )
    async def cart_lines_add(ctx: RequestContext, input: CartLinesAddInput) -> dict[str, Any]:
        return await resolve.lines_add(
            ctx,
            cart_id=required("Cart", input.cart_id, "cartId"),
            new_lines=new_lines(input.lines),
            expected_version=input.expected_version,
        )

    @mutation(
        CartLinesUpdatePayload,
        auth=ANYONE,
        description=(
            "Sets the units of lines; 0 removes a line. Accepts the prices of this moment."
        ),
        refusals=LINE_REFUSALS,
    )
    async def cart_lines_update(ctx: RequestContext, input: CartLinesUpdateInput) -> dict[str, Any]:
        changes = [
            LineChange(
                required("CartLine", line.line_id, "lines", str(position), "lineId"), line.quantity
            )
            for position, line in enumerate(input.lines)
        ]
        return await resolve.lines_update(
            ctx,
            cart_id=required("Cart", input.cart_id, "cartId"),
            changes=changes,
            expected_version=input.expected_version,
        )

    @mutation(
        CartMergePayload,
        auth=SIGNED_IN,
        description=(
            "Takes the cart and orders of a guest along to the caller's account; units of the same"
            " variant add up, to 99 at most. For sign-ins that did not carry the guest's token:"
            " `accountConfirm` and `tokenCreate` sent with it do the same by themselves. Merging"
            " again is a no-op."
        ),
        refusals=[accounts.GuestTokenInvalid],
    )
    async def cart_merge(ctx: RequestContext, input: CartMergeInput) -> dict[str, Any]:
        return await resolve_accounts.guest_merge(ctx, guest_token=input.guest_token)


def new_lines(lines: list[CartLineInput]) -> list[NewLine]:
    """Raises: NotFound for an id that is no variant's."""
    return [
        NewLine(
            required("ProductVariant", line.variant_id, "lines", str(position), "variantId"),
            line.quantity,
        )
        for position, line in enumerate(lines)
    ]
