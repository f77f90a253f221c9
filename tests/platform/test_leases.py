"""Which job a worker takes, whatever way the planner goes."""

import pytest
from sqlalchemy import text

from core.db import Database
from core.ids import new_id
from models.platform import Job
from services.platform import jobs

# Plans that run a subquery once per row: it would lock, and give, another row each time.
PLANNER = ("hashjoin", "mergejoin", "hashagg", "material", "memoize", "sort")


@pytest.mark.parametrize("off", [PLANNER, PLANNER[:3], ()])
async def test_a_worker_takes_one_job_at_a_time(db: Database, off: tuple[str, ...]) -> None:
    async with db.transaction() as session:
        session.add_all([Job(kind="TEST", owner_id=new_id(), input={}) for _ in range(5)])

    async with db.transaction() as session:
        for method in off:
            await session.execute(text(f"SET LOCAL enable_{method} = off"))
        taken = await jobs.claim(session, kind="TEST")
        running = await session.scalar(text("SELECT count(*) FROM jobs WHERE status = 'RUNNING'"))

    assert taken is not None
    assert running == 1
