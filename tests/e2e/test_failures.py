"""Parts of the running shop killed or stopped while shoppers go on."""

import signal
import threading
import time
from collections import Counter

import httpx
import psutil

from deploy.embedded.postgres import run_sql
from tests.e2e.client import Client, eventually
from tests.e2e.test_purchase import filled_cart, order_group, pay
from tests.running import Marketfront

LIST = {"query": "{ products(first: 5) { nodes { id variants { quantityAvailable } } } }"}


class Shoppers:
    """Four browsers that never stop asking; counts what they are told."""

    def __init__(self, url: str) -> None:
        self.url, self.told, self.is_over = url, Counter[str](), threading.Event()
        self.threads = [threading.Thread(target=self._browse, daemon=True) for _ in range(4)]

    def __enter__(self) -> "Shoppers":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        for thread in self.threads:
            thread.join(30)

    def _browse(self) -> None:
        with httpx.Client(base_url=self.url, timeout=30) as client:
            while not self.is_over.is_set():
                answer = client.post("/graphql", json=LIST).json()
                errors = answer.get("errors") or [{"extensions": {"code": "OK"}}]
                self.told[errors[0]["extensions"]["code"]] += 1
                time.sleep(0.01)


def is_well(run: Marketfront) -> bool:
    answer = httpx.post(f"{run.url}/graphql", json=LIST, timeout=30).json()
    return "errors" not in answer


def test_a_killed_database_is_a_clear_answer_and_then_it_goes_on(shop_process: Marketfront) -> None:
    server = shop_process.child("deploy.server")

    with Shoppers(shop_process.url) as shoppers:
        time.sleep(0.5)
        shop_process.child("bin/postgres").kill()
        time.sleep(0.5)
        assert eventually(lambda: is_well(shop_process), seconds=30)
        before = shoppers.told["OK"]
        assert eventually(lambda: shoppers.told["OK"] > before + 50)

    assert {*shoppers.told} <= {"OK", "UNAVAILABLE"}
    assert shoppers.told["UNAVAILABLE"] > 0
    assert server.is_running()


def test_a_purchase_goes_through_without_valkey(shop_process: Marketfront) -> None:
    valkey = shop_process.child("valkey-server")
    valkey.suspend()
    try:
        shopper = Client(shop_process.url)
        made = filled_cart(shopper)
        shopper.token = made["guestToken"]
        group = order_group(shopper, made["cart"]["id"])
        payment = pay(shopper, group["id"], "pm_card_visa")
        readiness = httpx.get(f"{shop_process.url}/readyz", timeout=10)
    finally:
        valkey.resume()

    assert payment["status"] == "CAPTURED"
    assert readiness.status_code == 200
    assert readiness.json()["parts"] == {"database": True, "redis": False}


def test_a_killed_worker_loses_no_event(shop_process: Marketfront) -> None:
    worker = shop_process.child("-m workers")
    family: list[psutil.Process] = [worker, *worker.children(recursive=True)]
    for member in family:
        member.send_signal(signal.SIGKILL)
    shopper = Client(shop_process.url)
    shopper.token = filled_cart(shopper)["guestToken"]

    def everything_is_sequenced() -> bool:
        waiting = run_sql(
            shop_process.database(), "SELECT count(*) FROM outbox WHERE position IS NULL"
        )
        return waiting == "0"

    assert eventually(everything_is_sequenced, seconds=30)


def test_the_logs_of_all_this_hold_no_secret(shop_process: Marketfront) -> None:
    said = shop_process.output.read_text()
    lines = [line for line in said.splitlines() if line.startswith("{")]

    assert lines
    assert all('"request_id"' in line for line in lines)
    for secret in (
        "ada@example.com",
        "1 Main Street",
        "pm_card",
        "eyJ",
        "sk_test",
        "whsec",
        "horse",
    ):
        assert not any(secret in line for line in lines), secret
