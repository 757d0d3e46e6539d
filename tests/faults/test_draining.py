"""A server that is told to stop finishes what it has accepted, and takes nothing new."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import httpx
import pytest
from support.databases import SqliteDatabases
from support.instance import Instance
from support.visitor import Visitor

pytestmark = pytest.mark.timeout(120)


def test_a_request_that_waits_for_the_bureau_is_answered_after_sigterm(
    sqlite_databases: SqliteDatabases, tmp_path: Path
) -> None:
    with Instance(tmp_path, sqlite_databases.fresh()) as instance:
        instance.environment["XINYI_BUREAU_TIMEOUT_SECONDS"] = "8"
        instance.run("seed", "--residents", "20", "--merchants", "10")
        instance.start()
        resident = sign_in(instance)
        slow = {"mode": "slow"}
        httpx.post(f"http://127.0.0.1:{instance.bureau_port}/control", json=slow).raise_for_status()
        answers: list[httpx.Response] = []
        asking = threading.Thread(target=lambda: answers.append(resident.get("/api/v1/eligibility")))
        asking.start()
        time.sleep(3)  # by then it waits for the bureau, on a busy machine too
        assert instance.stop("server") == 0
        asking.join(timeout=30)
        assert answers[0].status_code == 200
        assert {answer["verdict"] for answer in answers[0].json()} >= {"unknown"}
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{instance.url}/health/live")


def sign_in(instance: Instance) -> Visitor:
    resident = Visitor(instance.url)
    phone = {"phone": "13800000001"}
    code = resident.post("/api/v1/auth/otp", json=phone).json()["code"]
    token = resident.post("/api/v1/auth/token", json={**phone, "code": code}).json()["access_token"]
    resident.headers["Authorization"] = f"Bearer {token}"
    resident.put("/api/v1/me/consents/credit_status.scenes", json={"version": 1}).raise_for_status()
    return resident
