"""What tests of rewards do again and again: list residents, look at what they were given, tie households."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import httpx
from support.lists import NO_NOTICE, approve, make, person
from support.people import Caller
from support.scenes import id_of

from xinyi_platform.clock import FixedClock
from xinyi_platform.guardianships.models import Guardianship
from xinyi_platform.identity.models import ResidentAccount
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_rewards.rewards.ending import end_groundless
from xinyi_rewards.rewards.granting import grant_due
from xinyi_rewards.rewards.models import RewardGrant
from xinyi_rewards.rewards.promising import refresh_rewards
from xinyi_rewards.rewards.renewing import renew_rewards
from xinyi_scenarios.entitlements.changing import expire_due
from xinyi_scenarios.entitlements.models import Entitlement


async def list_them(client: httpx.AsyncClient, lin: Caller, zhou: Caller, *numbers: int, kind: str = NO_NOTICE) -> None:
    await approve(client, lin, zhou, await make(client, lin, [person(number) for number in numbers], kind=kind))


async def rewards(who: Caller) -> dict[str, str]:
    """The state of the newest reward of each policy."""
    rows = RewardGrant.filter(resident_id=id_of(who)).order_by("made_at", "id")
    found: list[tuple[str, str]] = await rows.values_list("policy", "state")
    return dict(found)


async def reason(who: Caller, policy: str) -> str:
    return (await RewardGrant.filter(resident_id=id_of(who), policy=policy).order_by("-made_at", "-id"))[0].reason_zh


async def born(who: Caller, day: date) -> None:
    await ResidentAccount.filter(id=who.id).update(birth_date=day)


async def tie(runtime: Runtime, guardian: UUID, ward: UUID, state: str = "confirmed") -> None:
    now = runtime.clock.now()
    decided = {"decided_at": now, "decided_by": new_id()} if state == "confirmed" else {}
    await Guardianship.create(
        guardian_id=guardian, ward_id=ward, relation="parent", state=state, division="410611", asked_at=now, **decided
    )


async def untie(runtime: Runtime) -> None:
    """End every guardianship."""
    for row in await Guardianship.all():
        await Guardianship.filter(id=row.id).update(state="ended", slot=str(row.id), ended_at=runtime.clock.now())


async def held(who: Caller, policy: str) -> Entitlement:
    """The entitlement of the newest reward of a policy that was given."""
    given = RewardGrant.filter(resident_id=id_of(who), policy=policy, entitlement_id__isnull=False)
    grant = (await given.order_by("-granted_at"))[0]
    return await Entitlement.get(id=grant.entitlement_id)


async def night(runtime: Runtime, clock: FixedClock, days: int = 1) -> None:
    """Let days pass, and do once what the jobs do."""
    clock.advance(timedelta(days=days))
    await expire_due(clock.now())
    await end_groundless(runtime)
    await renew_rewards(runtime)
    await refresh_rewards(runtime)
    await grant_due(runtime)
