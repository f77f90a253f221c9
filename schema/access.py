"""The rules that stand on every root field and type: who may ask for it."""

from graphql import GraphQLError

from core.identity import FIRST_PARTY, Permission
from engine.access import PUBLIC, SIGNED_IN as SIGNED_IN_CALLERS, Auth
from resolvers.context import RequestContext

ANYONE = Auth(requires=PUBLIC)
SIGNED_IN = Auth(requires=SIGNED_IN_CALLERS)

# The person themselves, signed in with us: no token that they gave to another program has it. For
# whatever changes credentials, sign-ins, e-mail and staff rights, or exports and erases a person.
ACCOUNT = Auth(requires=FIRST_PARTY)


def staff(permission: Permission, of: str | None = None) -> Auth:
    """Staff with this permission; `of`: the column with the merchant they must hold it for."""
    return Auth(requires=permission.value, of=of)


def note_refusals(ctx: RequestContext, errors: list[GraphQLError]) -> None:
    """For the audit log; all errors of an operation are about the same caller."""
    facts = [error.extensions or {} for error in errors]
    fields = [each["field"] for each in facts]
    ctx.shop.refusals.add(ctx.caller, facts[0]["code"], fields)
