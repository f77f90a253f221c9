"""Outside providers that sign people in."""

from auth.providers.logins import Logins, Started

__all__ = ["Logins", "Started"]
