"""What clients ask of merchants and their staff."""

from typing import Any

from core.ids import encode
from tests.asking import Ask

ERRORS = "userErrors { __typename code message field ... on PermissionMissing { permission } }"
APPLY = f"""mutation($input: MerchantApplyInput!) {{ merchantApply(input: $input) {{
  merchant {{ id slug status version }} {ERRORS} }} }}"""
REVIEW = f"""mutation($input: MerchantReviewInput!) {{ merchantReview(input: $input) {{
  merchant {{ id status version record {{ statusReason payoutsHeld }} }} {ERRORS} }} }}"""
UPDATE = f"""mutation($input: MerchantUpdateInput!) {{ merchantUpdate(input: $input) {{
  merchant {{ name slug version description policies {{ returnPolicy terms }}
    record {{ legalName country contactEmail contactPhone }} }} {ERRORS} }} }}"""
INVITE = f"""mutation($input: StaffInviteInput!) {{ staffInvite(input: $input) {{
  invitation {{ id email permissions isOwner isOpen }} {ERRORS} }} }}"""
ACCEPT = f"""mutation($token: String!) {{ staffInvitationAccept(input: {{token: $token}}) {{
  merchant {{ slug }} {ERRORS} }} }}"""
REVOKE = f"""mutation($id: ID!) {{ staffInvitationRevoke(input: {{id: $id}}) {{
  invitation {{ email isOpen revokedAt }} {ERRORS} }} }}"""
SET = f"""mutation($input: StaffPermissionsSetInput!) {{ staffPermissionsSet(input: $input) {{
  staffMember {{ userId isOwner permissions }} {ERRORS} }} }}"""
REMOVE = f"""mutation($input: StaffRemoveInput!) {{ staffRemove(input: $input) {{
  removedUserId {ERRORS} }} }}"""
PLATFORM_SET = f"""mutation($input: PlatformStaffSetInput!) {{ platformStaffSet(input: $input) {{
  staffMember {{ userId permissions }} {ERRORS} }} }}"""
MINE = "{ me { memberships { merchant { slug } isOwner permissions } } }"

BUSINESS: dict[str, Any] = {
    "legalName": "Tea House Ltd",
    "registrationNumber": "HRB 4711",
    "country": "DE",
    "contactEmail": "Office@Example.test",
    "contactPhone": "+49 30 123456",
}


def refused(payload: dict[str, Any]) -> list[tuple[str, list[str] | None]]:
    """The refusals of a payload: what, and where."""
    return [(each["__typename"], each["field"]) for each in payload["userErrors"]]


def application(slug: str = "tea-house", **changes: Any) -> dict[str, Any]:
    """A MerchantApplyInput."""
    return {"name": "Tea House", "slug": slug, "business": BUSINESS} | changes


async def decide(ask: Ask, merchant_id: Any, decision: str, **more: Any) -> dict[str, Any]:
    """The payload of merchantReview."""
    needed = {"reason": "Because."} if decision in {"REJECT", "SUSPEND", "CLOSE"} else {}
    details = {"merchantId": encode("merchant", merchant_id), "decision": decision} | needed | more
    payload: dict[str, Any] = (await ask(REVIEW, input=details))["merchantReview"]
    return payload


async def set_permissions(
    ask: Ask, merchant_id: Any, user_id: Any, *permissions: str, **more: Any
) -> dict[str, Any]:
    """The payload of staffPermissionsSet."""
    details = {
        "merchantId": encode("merchant", merchant_id),
        "userId": encode("user", user_id),
        "permissions": list(permissions),
    }
    payload: dict[str, Any] = (await ask(SET, input=details | more))["staffPermissionsSet"]
    return payload


async def invite(
    ask: Ask, merchant_id: Any, email: str, *permissions: str, **more: Any
) -> dict[str, Any]:
    """The payload of staffInvite."""
    details = {
        "merchantId": encode("merchant", merchant_id),
        "email": email,
        "permissions": list(permissions),
    }
    payload: dict[str, Any] = (await ask(INVITE, input=details | more))["staffInvite"]
    return payload
