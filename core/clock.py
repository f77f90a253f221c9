"""The time: aware, in UTC."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """As GraphQL's DateTime is written: `2026-11-24T09:30:00.123456Z`."""
    return moment.isoformat().replace("+00:00", "Z")
