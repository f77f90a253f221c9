"""How one object is named in a query."""

import strawberry


@strawberry.input(one_of=True, description="Which one: exactly one of these.")
class IdOrSlug:
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="By its id.")
    slug: str | None = strawberry.field(
        default=strawberry.UNSET, description="By its slug, as in addresses."
    )
