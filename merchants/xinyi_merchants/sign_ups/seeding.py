"""Self-service of the synthetic city: a manager and a clerk for the first shop, a change and sign-ups that wait."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from xinyi_merchants.operators.inviting import new_token
from xinyi_merchants.registry.history import Maker, change_row, enter_change
from xinyi_merchants.registry.models import Merchant, MerchantOperator
from xinyi_merchants.registry.seeding import DEMO_PASSWORD, DEMO_TOTP
from xinyi_merchants.registry.uscc import make_uscc
from xinyi_merchants.sign_ups.filing import Applied, file_application
from xinyi_platform.clock import local_date
from xinyi_platform.features import CityPlan, Progress
from xinyi_platform.identity import create_account
from xinyi_platform.identity.seeding import STAFF
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime

SIGN_UPS = 3
_FIRST_NUMBER = 999_900  # organisation parts past those of any seeded city
_PEOPLE = (("manager", "店长"), ("clerk", "店员"))


async def seed_self_service(runtime: Runtime, plan: CityPlan, progress: Progress) -> None:
    """Give the first shop its people and a waiting change, and let some shops sign up."""
    now, shops = runtime.clock.now(), plan.shared["merchants"]
    for role, name in _PEOPLE:
        plan.shared["logins"].append(await _make_person(runtime, shops[0].id, role, name, now))
    merchant = await Merchant.get(id=shops[0].id)
    who = Maker("portal", "seed", "seed")
    before, after = {"name": merchant.name}, {"name": f"{merchant.name}(总店)"}
    await enter_change(change_row(merchant, before, after, who, at=now, is_proposal=True))
    for number in range(SIGN_UPS):
        await file_application(runtime.keys, _application(number, now), now=now)
        progress("sign-ups", number + 1, SIGN_UPS)


def _application(number: int, now: datetime) -> Applied:
    place = STAFF[0][3]  # where the demo's community worker serves
    facts = {
        "uscc": make_uscc(f"{_FIRST_NUMBER + number:08d}", division=place),
        "name": f"新街示范小吃店{number + 1}",
        "trade": "catering",
        "division": place,
        "address": f"示范路{200 + number}号",
        "phone": f"0392-555{9_000 + number}",
        "licence_date": (local_date(now) - timedelta(days=30 + number)).isoformat(),
    }
    return Applied(facts, f"示范店主{number + 1}", new_token())


async def _make_person(runtime: Runtime, merchant_id: UUID, role: str, name: str, now: datetime) -> dict[str, object]:
    username = f"shop01-{role}"
    account_id, _ = await create_account(
        runtime.keys,
        kind="operator",
        username=username,
        password=DEMO_PASSWORD,
        display_name=name,
        person=f"operator-{role}",
        at=now,
        totp_secret=DEMO_TOTP,
    )
    await MerchantOperator.create(
        id=new_id(), account_id=account_id, merchant_id=merchant_id, role=role, created_at=now
    )
    return {"who": f"{name} {role}", "where": "/portal", "name": username, "secret": DEMO_PASSWORD, "totp": DEMO_TOTP}
