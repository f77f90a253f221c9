"""Jobs, staged uploads, idempotency keys and the tokens of programs."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, HasId, HasTimes, not_negative, one_of


class JobStatus(StrEnum):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class UploadPurpose(StrEnum):
    IMAGE = "IMAGE"
    IMPORT = "IMPORT"


class UploadStatus(StrEnum):
    STAGED = "STAGED"
    RECEIVED = "RECEIVED"
    USED = "USED"


class Job(HasId, HasTimes, Base):
    """Work that takes longer than a request. `lease_until`: whose turn it is; a dead worker's ends.

    processed counts rows dealt with, of which `failed` were refused; `total` null: not known yet.
    checked: rows that were found to be good or bad before the first one is dealt with.
    report_bytes: how much of the report belongs to what was checked or dealt with.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        one_of("status", JobStatus),
        not_negative("checked"),
        not_negative("processed"),
        CheckConstraint("failed BETWEEN 0 AND greatest(checked, processed)", name="failed_bounded"),
        Index("ix_jobs_owner", "owner_id", "id"),
        Index("ix_jobs_merchant", "merchant_id", "id"),
        Index("ix_jobs_open", "id", postgresql_where=text("status IN ('QUEUED', 'RUNNING')")),
    )

    kind: Mapped[str]
    owner_id: Mapped[UUID]
    merchant_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(default=JobStatus.QUEUED)
    input: Mapped[dict[str, Any]]
    total: Mapped[int | None]
    checked: Mapped[int] = mapped_column(default=0)
    processed: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    report_path: Mapped[str | None]
    report_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    lease_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class Upload(HasId, Base):
    """A file that a client was allowed to send. `path` is below the data folder."""

    __tablename__ = "uploads"
    __table_args__ = (
        one_of("purpose", UploadPurpose),
        one_of("status", UploadStatus),
        Index("ix_uploads_due", "expires_at", postgresql_where=text("status <> 'USED'")),
    )

    owner_id: Mapped[UUID] = mapped_column(index=True)
    merchant_id: Mapped[UUID | None]
    purpose: Mapped[str]
    status: Mapped[str] = mapped_column(default=UploadStatus.STAGED)
    filename: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int | None] = mapped_column(BigInteger)
    path: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]


class IdempotencyKey(Base):
    """A mutation that was done once. `result`: the ids it led to."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_created", "created_at"),)

    caller_id: Mapped[UUID] = mapped_column(primary_key=True)
    mutation: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    input_hash: Mapped[bytes] = mapped_column(LargeBinary)
    result: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AppToken(HasId, Base):
    """What a program of a merchant, or of the platform, shows instead of a person's sign-in.

    merchant_id: null for the platform's own: it works for every merchant.
    creator_id: who made it; it never may do more than they may at that moment.
    token_hash: SHA-256 of its text, which nobody can read here.
    last_used_at: at most a minute behind.
    """

    __tablename__ = "app_tokens"
    __table_args__ = (
        CheckConstraint("cardinality(permissions) > 0", name="permits_something"),
        CheckConstraint("length(name) BETWEEN 1 AND 100", name="name_length"),
        Index("ix_app_tokens_merchant", "merchant_id", "created_at", "id"),
        Index("ix_app_tokens_newest", "created_at", "id"),
    )

    merchant_id: Mapped[UUID | None] = mapped_column(ForeignKey("merchants.id"))
    creator_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str]
    permissions: Mapped[list[str]]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
