"""Staff's looks are on the entry's trail, two persons decide, and the whole name leaves only for an open request."""

from __future__ import annotations

import httpx
import pytest
from support.lists import look
from support.people import Caller, a_member_of_staff
from support.repairs import FILED, GRANT, a_picture, ask, file_form, listed, step
from support.scenes import problem_code, read_page

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.identity.models import Account
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.publishing import end_entry
from xinyi_rewards.honor_lists.reading import LOOKS
from xinyi_rewards.repairs.models import RepairPaper, RepairRequest

pytestmark = pytest.mark.anyio


async def test_every_look_of_staff_is_on_the_entrys_trail(
    app_client: httpx.AsyncClient, xu: Caller, zhou: Caller, lin: Caller, wang: Caller
) -> None:
    entry = await listed(app_client, xu, zhou)
    assert (await file_form(app_client, wang, entry, a_picture())).status_code == 303
    row, paper = await RepairRequest.get(), await RepairPaper.get()
    one = f"/console/repairs/{row.id}"
    for path, act in (
        ("/console/repairs", "repairs_view"),
        (one, "repair_view"),
        (f"{one}/papers/{paper.id}", "repair_paper_read"),
        (f"{one}/package", "repair_export"),
    ):
        assert (await read_page(app_client, lin, path)).status_code == 200
        done = await AuditEntry.filter(object_kind="honor_entry", object_id=str(entry.id)).order_by("-id").first()
        assert done is not None
        assert (done.action, done.actor) == (f"honor_entry.{act}", f"staff:{lin.id}")
    assert (await look(app_client, lin, "/repair-requests")).status_code == 200
    looks = [look for look in LOOKS if "repair" in look]
    acts = await AuditEntry.filter(object_id=str(entry.id), action__in=looks).values_list("action", flat=True)
    assert sorted(acts) == sorted([*looks, "honor_entry.repairs_view"])


async def test_nothing_is_exported_once_the_listing_or_the_request_is_over(
    app_client: httpx.AsyncClient, runtime: Runtime, xu: Caller, zhou: Caller, lin: Caller, wang: Caller
) -> None:
    entry = await listed(app_client, xu, zhou)
    await ask(app_client, wang, entry, FILED)
    row = await RepairRequest.get()
    package = f"/console/repairs/{row.id}/package"
    assert (await read_page(app_client, lin, package)).status_code == 200
    await end_entry(runtime, entry.id, "revoke", actor="x", reason="x", at=runtime.clock.now())
    for state in ("lapsed", "filed"):
        await RepairRequest.filter(id=row.id).update(state=state, slot="open" if state == "filed" else str(row.id))
        assert (await read_page(app_client, lin, package)).status_code == 409
        assert package not in (await read_page(app_client, lin, f"/console/repairs/{row.id}")).text
    assert await AuditEntry.filter(action="honor_entry.repair_export").count() == 1


@pytest.mark.parametrize("person", ["person-xu", "person-zhang"])
async def test_who_mirrored_it_or_passed_it_on_does_not_decide_by_any_account(
    app_client: httpx.AsyncClient, runtime: Runtime, xu: Caller, sun: Caller, zhou: Caller, wang: Caller, person: str
) -> None:
    entry = await listed(app_client, xu, zhou)
    await ask(app_client, wang, entry, FILED)
    row = await RepairRequest.get()
    zhang = await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="zhang")
    await step(app_client, zhang, row, {"act": "pass_on", "document": "XY-1"})
    double = await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="double")
    await Account.filter(id=double.id).update(person=person)
    for verdict in ("grant", "refuse"):
        assert problem_code(await step(app_client, double, row, {**GRANT, "act": verdict})) == "own_repair"
    waiting = [one["kind_zh"] for one in (await look(app_client, double, "/tasks")).json()]
    assert "登记修复决定" not in waiting
    assert "登记修复决定" in [one["kind_zh"] for one in (await look(app_client, sun, "/tasks")).json()]
    assert (await step(app_client, sun, row, GRANT)).status_code == 204


async def test_nobody_decides_by_hand_what_was_not_passed_on(
    app_client: httpx.AsyncClient, xu: Caller, sun: Caller, zhou: Caller, wang: Caller
) -> None:
    entry = await listed(app_client, xu, zhou)
    await ask(app_client, wang, entry, FILED)
    assert (await step(app_client, sun, await RepairRequest.get(), GRANT)).status_code == 409
