"""What was done and by whom: entries, what of them can be erased, and the seals on them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, HasId, c_text, one_of, positive


class ActorKind(StrEnum):
    """Who did it. SYSTEM: a worker, or an answer of a provider; nobody had asked for it."""

    ANONYMOUS = "ANONYMOUS"
    GUEST = "GUEST"
    USER = "USER"
    APP = "APP"
    SYSTEM = "SYSTEM"


class AuditEntry(HasId, Base):
    """A fact that happened; append-only by trigger.

    object_kind, object_id: what it happened to; the name of a GraphQL type where there is one.
    merchant_id: whose affair it is; null for the platform's.
    before, after: what changed; never a secret, never personal data.
    details_id: the erasable part, as long as it is there; details_hash: of it, with its salt.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        one_of("actor_kind", ActorKind),
        CheckConstraint("(details_id IS NULL) = (details_hash IS NULL)", name="details_hashed"),
        Index("ix_audit_entries_at", "at", "id"),
        Index("ix_audit_entries_action", "action", "at", "id"),
        Index(
            "ix_audit_entries_actor",
            "actor_id",
            "at",
            "id",
            postgresql_where=text("actor_id IS NOT NULL"),
        ),
        Index(
            "ix_audit_entries_object",
            "object_id",
            "at",
            "id",
            postgresql_where=text("object_id IS NOT NULL"),
        ),
        Index(
            "ix_audit_entries_merchant",
            "merchant_id",
            "at",
            "id",
            postgresql_where=text("merchant_id IS NOT NULL"),
        ),
    )

    at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    token_id: Mapped[UUID | None]
    action: Mapped[str] = c_text()
    object_kind: Mapped[str] = c_text()
    object_id: Mapped[UUID | None]
    merchant_id: Mapped[UUID | None]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    request_id: Mapped[str]
    details_id: Mapped[UUID | None]
    details_hash: Mapped[bytes | None] = mapped_column(LargeBinary)


class AuditDetails(HasId, Base):
    """Addresses and personal details; rows are deleted to erase them, never changed.

    content: JSON, kept to the byte, since it is hashed together with `salt`. Entries that were
    written together share it where it is the same.
    """

    __tablename__ = "audit_details"

    salt: Mapped[bytes] = mapped_column(LargeBinary)
    content: Mapped[str]


class AuditSeal(Base):
    """An entry's link in the chain. Written with the entry; the rest comes, once, from the sealer.

    hash: of the entry together with the hash of position - 1.
    """

    __tablename__ = "audit_seals"
    __table_args__ = (
        CheckConstraint("(position IS NULL) = (hash IS NULL)", name="sealed_whole"),
        Index("ix_audit_seals_waiting", "entry_id", postgresql_where=text("position IS NULL")),
    )

    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    hash: Mapped[bytes | None] = mapped_column(LargeBinary)


class AuditBatch(Base):
    """Seals that were made together, signed: `hash` is that of the last one."""

    __tablename__ = "audit_batches"
    __table_args__ = (
        positive("first_position"),
        CheckConstraint("last_position >= first_position", name="not_empty"),
    )

    last_position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    first_position: Mapped[int] = mapped_column(BigInteger, unique=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime]
    key_id: Mapped[UUID]
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class AuditKey(HasId, Base):
    """An Ed25519 key that signs batches; the private half is encrypted."""

    __tablename__ = "audit_keys"

    public: Mapped[bytes] = mapped_column(LargeBinary)
    private: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
