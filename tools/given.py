"""The settings that a command needs; one that is missing is told in words, before anything runs."""

from core.settings import Settings
from deploy.development import RUNNING


def settings(*needed: str) -> Settings:
    """Those of the environment; if they name no server, those of the shop that `make run` runs.

    Raises: SystemExit.
    """
    found = Settings()
    running = found.data_dir / RUNNING
    if not found.database_url and not found.redis_url and running.exists():
        found = Settings(_env_file=(".env", running))  # type: ignore[call-arg]
    missing = [name.upper() for name in needed if not getattr(found, name)]
    if missing:
        raise SystemExit(f"Set {' and '.join(missing)} as for the shop itself, and try again.")
    return found
