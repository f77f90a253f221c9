"""Entries of the audit log: all for the platform's auditors, a merchant's own for who runs it."""

from typing import Final

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, or_, select

from core.db import SCOPE, Statement
from core.identity import Permission
from models.audit import AuditDetails, AuditEntry, AuditSeal
from resolvers.loaders.base import KEYS, Relation
from resolvers.scope import permitted_everywhere

_RUN_BY_CALLER: Final = bindparam(
    f"{SCOPE}merchants_{Permission.MANAGE_SETTINGS}", type_=ARRAY(Uuid())
)


def visible_entry() -> ColumnElement[bool]:
    """Who may change every merchant's settings is no auditor by that: merchants are named here."""
    return or_(
        permitted_everywhere(Permission.VIEW_AUDIT),
        AuditEntry.merchant_id == any_(_RUN_BY_CALLER),
    )


def visible_entries() -> Statement:
    columns = [*AuditEntry.__table__.c, AuditSeal.position, AuditSeal.hash]
    sealed = AuditSeal.entry_id == AuditEntry.id
    return select(*columns).outerjoin(AuditSeal, sealed).where(visible_entry())


ENTRIES: Final = Relation(visible_entries().where(AuditEntry.id == any_(KEYS)), key="id")
# By their own ids: entries that were written together share them.
DETAILS: Final = Relation(
    select(AuditDetails.id, AuditDetails.content).where(
        AuditDetails.id == any_(KEYS), permitted_everywhere(Permission.VIEW_AUDIT)
    ),
    key="id",
)
