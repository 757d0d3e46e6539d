"""Synthetic people for demo and tests: identity numbers with sequence 000, which is never issued."""

from __future__ import annotations

import random
from datetime import date, timedelta

from xinyi_platform.divisions import communities
from xinyi_platform.features import CityPlan, Progress
from xinyi_platform.identity.accounts import create_account, create_partner
from xinyi_platform.identity.numbers import check_character
from xinyi_platform.identity.residents import NewResident, create_residents
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime

DEMO_TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # 160 bits; below 112 the library refuses
DEMO_PARTNER_SECRET = "demo-partner-secret"  # noqa: S105 -- printed by the demo, refused by production
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "伟芳娜敏静丽强磊军洋艳勇杰娟涛明超秀霞平刚桂英华玉兰"
_AREAS = ("410602", "410603", "410611", "410621", "410622")
STAFF = (
    ("lin", "林社区", Role.COMMUNITY_WORKER, "410611001001"),
    ("zhou", "周复核", Role.REVIEWER, "410611"),
    ("he", "何调解", Role.MEDIATOR, "410600"),
    ("xu", "徐信用", Role.CREDIT_OFFICE, "410600"),
    ("sun", "孙信用", Role.CREDIT_OFFICE, "410600"),
    ("qian", "钱复核", Role.REVIEWER, "410600"),
    ("gao", "高执法", Role.SUPERVISOR, "410600"),
    ("admin", "管理员", Role.ADMIN, "410600"),
)


def synthetic_identity_number(place: int) -> str:
    """Return a check-valid identity number with sequence 000; distinct for places up to 22,000."""
    day = date(1946, 1, 1) + timedelta(days=place * 13 % 22_000)
    body = f"{_AREAS[place % 5]}{day:%Y%m%d}000"
    return body + check_character(body)


def synthetic_resident(place: int, rng: random.Random) -> NewResident:
    """Return one synthetic person; the phone 138000xxxxx is her place in the city."""
    name = rng.choice(_SURNAMES) + "".join(rng.sample(_GIVEN, rng.choice((1, 2))))
    division = communities()[place % len(communities())]
    return NewResident(name, f"138000{place:05d}", synthetic_identity_number(place), division)


async def seed_residents(runtime: Runtime, plan: CityPlan, progress: Progress) -> None:
    """Make the residents; the first ones' phones are 13800000001 and on."""
    rng = random.Random(1)  # noqa: S311 -- synthetic names
    people = [synthetic_resident(place, rng) for place in range(1, plan.residents + 1)]
    ids = []
    for start in range(0, len(people), 500):
        ids += await create_residents(runtime.keys, people[start : start + 500], at=runtime.clock.now())
        progress("居民 residents", len(ids), len(people))
    plan.shared["residents"] = ids
    plan.shared["people"] = people
    plan.shared["logins"].append(
        {"who": "居民 resident", "where": "/app", "name": people[0].phone, "secret": "短信验证码显示在页面", "totp": ""}
    )


async def seed_staff(runtime: Runtime, plan: CityPlan, progress: Progress) -> None:
    """Make members of staff of each role, two of the credit office (what one decides another enters), and a partner."""
    now = runtime.clock.now()
    for done, (username, display_name, role, division) in enumerate(STAFF, 1):
        password = f"demo-{username}-2026"
        await create_account(
            runtime.keys,
            kind="staff",
            username=username,
            password=password,
            display_name=display_name,
            person=f"person-{username}",
            at=now,
            roles=[role],
            division=division,
            totp_secret=DEMO_TOTP,
        )
        plan.shared["logins"].append(
            {
                "who": f"{display_name} {role}",
                "where": "/console",
                "name": username,
                "secret": password,
                "totp": DEMO_TOTP,
            }
        )
        progress("工作人员 staff", done, len(STAFF))
    plan.shared["partner"] = await create_partner(
        client_id="hebi-bike",
        name="鹤壁单车",
        secret=DEMO_PARTNER_SECRET,
        scopes=["redemptions", "orders", "webhooks"],
        at=now,
    )
    plan.shared["logins"].append(
        {
            "who": "接入机构 partner",
            "where": "/partner/v1",
            "name": "hebi-bike",
            "secret": DEMO_PARTNER_SECRET,
            "totp": "",
        }
    )
