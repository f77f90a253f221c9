"""The control port: orders that tests give, not part of the provider's protocol.

POST   /_control/faults                {fault, method, path, about, times, seconds}
DELETE /_control/faults
GET    /_control/requests              what was asked and answered, the oldest first
GET    /_control/charges               all charges; ?name=value compares a field
PATCH  /_control/objects/{id}          {field: value}: alter what the sandbox holds
GET    /_control/webhooks              each event with its deliveries
POST   /_control/webhooks/hold
POST   /_control/webhooks/release      {events: [ids first, in this order]}
POST   /_control/webhooks/send         {event, copies, at_once, moment}: post it again
POST   /_control/refunds/{id}/settle   the bank's second thought, now
GET    /_control/health
"""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integrations.payments.sandbox import refunds
from integrations.payments.sandbox.api import Api
from integrations.payments.sandbox.calls import Call
from integrations.payments.sandbox.faults import Fault, Faults, Order
from integrations.payments.sandbox.store import Store
from integrations.payments.sandbox.webhooks import Courier


class Control:
    def __init__(
        self, store: Store, call: Call, courier: Courier, faults: Faults, api: Api
    ) -> None:
        self._store = store
        self._call = call
        self._courier = courier
        self._faults = faults
        self._api = api

    def routes(self) -> list[Route]:
        return [
            Route("/health", self.health),
            Route("/faults", self.faults, methods=["POST", "DELETE"]),
            Route("/requests", self.requests),
            Route("/charges", self.charges),
            Route("/objects/{id}", self.alter, methods=["PATCH"]),
            Route("/webhooks", self.webhooks),
            Route("/webhooks/hold", self.hold, methods=["POST"]),
            Route("/webhooks/release", self.release, methods=["POST"]),
            Route("/webhooks/send", self.send, methods=["POST"]),
            Route("/refunds/{id}/settle", self.settle, methods=["POST"]),
        ]

    async def health(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._faults.clear()
        else:
            wanted = await request.json()
            self._faults.add(Order(**{**wanted, "fault": Fault(wanted["fault"])}))
        return Response(status_code=204)

    async def requests(self, _request: Request) -> Response:
        return JSONResponse(list(self._api.log))

    async def charges(self, request: Request) -> Response:
        return JSONResponse(self._store.find("charge", **dict(request.query_params)))

    async def alter(self, request: Request) -> Response:
        found = self._store.any_kind(request.path_params["id"])
        if found is None:
            return Response(status_code=404)
        found.update(await request.json())
        with self._store.transaction():
            self._store.save(found)
        return JSONResponse(found)

    async def webhooks(self, _request: Request) -> Response:
        shown: list[dict[str, Any]] = []
        for delivery in self._store.deliveries():
            event = self._store.get("event", delivery.event) or {}
            shown.append(
                {
                    "event": delivery.event,
                    "type": event["type"],
                    "object": event["data"]["object"]["id"],
                    "attempts": delivery.attempts,
                    "delivered": delivery.delivered,
                    "last_status": delivery.last_status,
                }
            )
        return JSONResponse(shown)

    async def hold(self, _request: Request) -> Response:
        self._courier.held = True
        return Response(status_code=204)

    async def release(self, request: Request) -> Response:
        await self._courier.deliver((await request.json()).get("events", []))
        self._courier.held = False
        return Response(status_code=204)

    async def send(self, request: Request) -> Response:
        wanted = await request.json()
        copies = range(wanted.get("copies", 1))
        moment = wanted.get("moment")
        sent = [self._courier.send(wanted["event"], moment=moment) for _ in copies]
        if wanted.get("at_once"):
            return JSONResponse(await asyncio.gather(*sent))
        return JSONResponse([await each for each in sent])

    async def settle(self, request: Request) -> Response:
        with self._store.transaction():
            refunds.settle(self._call.begin(), at_once=request.path_params["id"])
        return Response(status_code=204)
