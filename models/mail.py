"""Letters that wait to be sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, HasId, not_negative


class QueuedLetter(HasId, Base):
    """An e-mail to one person; the row goes when it was handed over.

    facts: what its template is filled with, links with their proofs among them: personal data.
    due_at: when to try next; while somebody tries, the end of their turn.
    """

    __tablename__ = "letters"
    __table_args__ = (not_negative("attempts"),)

    kind: Mapped[str]
    recipient: Mapped[str] = mapped_column(index=True)
    language: Mapped[str]
    facts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    due_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
