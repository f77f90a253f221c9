"""A market in the database of the test, and both executors over it."""

from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest
from starlette.applications import Starlette
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionResult

from core.identity import Caller
from engine.document import Limits, Memory
from engine.executor import Engine, build_schema
from resolvers.context import RequestContext, Shop
from schema import Mutation, Query
from schema.context import IN_CONTEXT_ARGUMENTS, apply_context
from schema.errors import shown_types
from schema.scalars import SCALARS

# What these tests ask for is larger than what clients may.
NO_LIMITS: Final = Limits(
    depth=100, fields=1_000_000, aliases=100_000, root_fields=1_000, tokens=1_000_000
)


@dataclass
class House:
    """The shop with both executors; asked as whoever the caller is."""

    shop: Shop
    schemas: Mapping[str, Any]

    @property
    def graphql(self) -> Any:
        return self.schemas["ours"]._schema

    def context(self, caller: Caller) -> RequestContext:
        return RequestContext(self.shop, caller, language="en", currency="USD")

    async def ask(
        self, caller: Caller, query: str, executor: str = "ours", **variables: Any
    ) -> ExecutionResult:
        """executor: `repeated` is ours, meeting an error each time: the slow way then."""
        with pytest.MonkeyPatch.context() as patch:
            if executor == "repeated":
                patch.setattr("engine.executor.drive", _fail)
            schema = self.schemas["reference" if executor == "reference" else "ours"]
            result: ExecutionResult = await schema.execute(query, variables, self.context(caller))
        return result


async def _fail(work: Coroutine[Any, Any, None], _: Any) -> None:
    work.close()
    raise RuntimeError("a fault of the test's own")


@pytest.fixture(scope="session")
def schemas() -> dict[str, Any]:
    return {"ours": _unlimited(is_reference=False), "reference": _unlimited(is_reference=True)}


def _unlimited(*, is_reference: bool) -> Any:
    """The shop's schema for documents of any length."""
    return build_schema(
        Engine(
            limits=NO_LIMITS,
            memory=Memory(2**30),
            in_context=apply_context,
            in_context_arguments=IN_CONTEXT_ARGUMENTS,
        ),
        is_reference=is_reference,
        query=Query,
        mutation=Mutation,
        types=shown_types(),
        config=StrawberryConfig(scalar_map=SCALARS),
    )


@pytest.fixture
def house(app: Starlette, schemas: dict[str, Any], clean: None) -> House:
    return House(app.state.shop, schemas)
