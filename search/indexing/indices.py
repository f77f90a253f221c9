"""The indices of products in Elasticsearch: which there are, which one answers.

An alias, named for the shape of its documents, is searched and written to; each index behind it has
the alias's name and the time at which it was begun. What we know of an index stands in the `_meta`
of its mapping, so that it goes wherever the index goes, into a snapshot and back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from elasticsearch import AsyncElasticsearch, NotFoundError

from search.elastic import shape
from search.indexing.bulk import NoIndex, outages


class State(StrEnum):
    """BUILDING: not whole yet. READY: changes are pushed to it. LEFT: they are not any more."""

    BUILDING = "building"
    READY = "ready"
    LEFT = "left"


@dataclass(frozen=True)
class Index:
    """complete_to: it has all documents up to this version, perhaps later ones as well."""

    name: str
    aliases: frozenset[str]
    state: State | None
    complete_to: int


class Indices:
    """Those of one shop. All methods raise Outage."""

    def __init__(self, client: AsyncElasticsearch, prefix: str) -> None:
        self._client, self._prefix = client, prefix
        self.alias = shape.alias(prefix)

    async def all(self) -> list[Index]:
        """Of all shapes, the oldest first."""
        with outages():
            found = await self._client.indices.get(
                index=f"{self._prefix}-products-*", features=["aliases", "mappings"]
            )
        indices = [_index(name, told) for name, told in found.items()]
        return sorted(indices, key=lambda index: index.name.rpartition("-")[2])

    async def serving(self) -> Index:
        """The index behind our alias. Raises: NoIndex when there is not exactly one."""
        with outages():
            try:
                found = await self._client.indices.get(
                    index=self.alias, features=["aliases", "mappings"]
                )
            except NotFoundError:
                raise NoIndex from None
        indices = [_index(name, told) for name, told in found.items()]
        if len(indices) != 1 or indices[0].name == self.alias or indices[0].state is None:
            raise NoIndex
        return indices[0]

    async def create(self, moment: datetime) -> Index:
        """One that is being built: searched by nobody, and not refreshed until it is whole."""
        name = f"{self.alias}-{moment:%Y%m%d%H%M%S%f}"
        body = shape.body(_meta(State.BUILDING, 0))
        settings = {**body["settings"], "refresh_interval": "-1"}
        with outages():
            await self._client.indices.create(
                index=name, settings=settings, mappings=body["mappings"]
            )
        return Index(name, frozenset(), State.BUILDING, 0)

    async def note(self, index: Index, state: State, complete_to: int) -> None:
        with outages():
            await self._client.indices.put_mapping(index=index.name, meta=_meta(state, complete_to))

    async def finish(self, index: Index) -> int:
        """Let everything in it be found, now and from now on; tells how many documents it has."""
        interval = shape.body()["settings"]["refresh_interval"]
        with outages():
            await self._client.indices.put_settings(
                index=index.name, settings={"refresh_interval": interval}
            )
            await self._client.indices.refresh(index=index.name)
            answer = await self._client.count(index=index.name)
        return int(answer["count"])

    async def swap(self, index: Index, others: Iterable[Index]) -> None:
        """Let the alias lead to this index and to no other, in one step."""
        away = [
            {"remove": {"index": other.name, "alias": self.alias}}
            for other in others
            if self.alias in other.aliases and other.name != index.name
        ]
        here = {"add": {"index": index.name, "alias": self.alias}}
        with outages():
            await self._client.indices.update_aliases(actions=[*away, here])

    async def delete(self, indices: Sequence[Index]) -> None:
        """By their names: wildcards are refused by default."""
        for index in indices:
            with outages():
                await self._client.indices.delete(index=index.name, ignore_unavailable=True)


def _meta(state: State, complete_to: int) -> dict[str, Any]:
    return {"state": state.value, "complete_to": complete_to}


def _index(name: str, told: Mapping[str, Any]) -> Index:
    meta = told["mappings"].get("_meta", {})
    state = State(meta["state"]) if meta.get("state") in {*State} else None
    return Index(name, frozenset(told["aliases"]), state, int(meta.get("complete_to", 0)))
