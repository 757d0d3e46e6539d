"""The synthetic city's merchants: ten trades, award holders, stickers, and accounts for the first of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from xinyi_merchants.registry.changing import set_picture
from xinyi_merchants.registry.drawing import draw_shop_front
from xinyi_merchants.registry.finding import list_merchants
from xinyi_merchants.registry.models import HonestAward, Merchant, MerchantOperator
from xinyi_merchants.registry.trades import TRADES
from xinyi_merchants.registry.uscc import make_uscc
from xinyi_merchants.stickers.issuing import sticker_row
from xinyi_merchants.stickers.models import Sticker
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.divisions import communities
from xinyi_platform.features import CityPlan, Progress
from xinyi_platform.identity import create_account
from xinyi_platform.ids import new_id, new_public_code
from xinyi_platform.runtime import Runtime

OPERATORS = 10
AWARDED_DAYS_AGO = 30
PICTURES = 20
DEMO_PASSWORD = "demo-merchant"  # noqa: S105 -- the login of invented people, printed at the demo's start
DEMO_TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_HOUSES = [
    "淇水",
    "云梦",
    "朝歌",
    "鹿台",
    "大伾",
    "桑园",
    "金山",
    "黎阳",
    "福源",
    "兴鹤",
    "同济",
    "百姓",
    "惠民",
    "春晖",
]
_SUFFIX = {
    "catering": "饭庄", "supermarket": "超市", "pharmacy": "大药房", "hotel": "宾馆", "attraction": "景区",
    "bookshop": "书店", "fitness": "健身馆", "housekeeping": "家政服务部", "car_repair": "汽车维修部",
    "farm_supplies": "农资门市",
}  # fmt: skip


async def seed_merchants(runtime: Runtime, plan: CityPlan, progress: Progress) -> None:
    """Make the merchants and leave them under `plan.shared["merchants"]`."""
    now = runtime.clock.now()
    rows = [_merchant_row(number, now) for number in range(plan.merchants)]
    async with transaction():
        await bulk_insert(Merchant, rows)
        awarded = [_award_row(row, n, now) for n, row in enumerate(rows) if _is_honest(row, n)]
        await bulk_insert(HonestAward, awarded)
        await bulk_insert(Sticker, [sticker_row(runtime.keys, _id(row), at=now) for row in rows])
    progress("merchants", len(rows), len(rows))
    logins = plan.shared.setdefault("logins", [])
    for number, row in enumerate(rows[:OPERATORS], 1):
        logins.append(await _make_operator(runtime, row, number, now))
        progress("operators", number, OPERATORS)
    found = {facts.id: facts for facts in await list_merchants(_id(row) for row in rows)}
    plan.shared["merchants"] = [found[_id(row)] for row in rows]


async def seed_shop_fronts(runtime: Runtime, plan: CityPlan, progress: Progress) -> None:
    """Give the first shops a drawn picture to compare."""
    shops = plan.shared["merchants"][:PICTURES]
    for number, shop in enumerate(shops, 1):
        drawn = draw_shop_front(shop.name, number)
        await set_picture(runtime, shop.id, drawn, actor="seed", now=runtime.clock.now())
        progress("shop fronts", number, len(shops))


def _id(row: dict[str, object]) -> UUID:
    found = row["id"]
    assert isinstance(found, UUID)
    return found


def _merchant_row(number: int, now: datetime) -> dict[str, object]:
    trade = list(TRADES)[number % len(TRADES)]
    places = communities()
    place = places[number % len(places)]
    house = _HOUSES[number // len(TRADES) % len(_HOUSES)]
    branch = number // (len(TRADES) * len(_HOUSES))
    return {
        "id": new_id(),
        "code": new_public_code(),
        "uscc": make_uscc(f"{number:08d}", division=place),
        "name": f"{house}{_SUFFIX[trade]}" + (f"({branch + 1}店)" if branch else ""),
        "trade": trade,
        "division": place,
        "address": f"示范路{number % 180 + 1}号",
        "phone": f"0392-555{number % 10_000:04d}",
        "licence_date": local_date(now) - timedelta(days=400 + number * 11 % 15_000),
        "status": "closed" if number % 67 == 66 else "open",
        "status_reason": "店主自行停业。" if number % 67 == 66 else "",
        "picture_id": None,
        "created_at": now,
        "changed_at": now,
    }


def _is_honest(merchant: dict[str, object], number: int) -> bool:
    """Tell who passed the last round: 374 of 1,200, as many as Hebi awarded."""
    return merchant["status"] == "open" and number % 10 in ((0, 1, 3, 7) if number < 200 else (0, 1, 3))


def _award_row(merchant: dict[str, object], number: int, now: datetime) -> dict[str, object]:
    awarded = local_date(now) - timedelta(days=AWARDED_DAYS_AGO)
    return {
        "id": new_id(),
        "merchant_id": merchant["id"],
        "awarded_on": awarded,
        "valid_until": awarded + timedelta(days=365),
        "state": "granted",
        "document_no": f"鹤信示〔{awarded.year}〕{number + 1}号",
    }


async def _make_operator(runtime: Runtime, row: dict[str, object], number: int, now: datetime) -> dict[str, object]:
    name = f"shop{number:02d}"
    account_id, _ = await create_account(
        runtime.keys,
        kind="operator",
        username=name,
        password=DEMO_PASSWORD,
        display_name=str(row["name"]),
        person=f"operator-{number}",
        at=now,
        totp_secret=DEMO_TOTP,
    )
    await MerchantOperator.create(
        id=new_id(), account_id=account_id, merchant_id=_id(row), role="owner", created_at=now
    )
    return {
        "who": f"商户 {row['name']}",
        "where": "/portal",
        "name": name,
        "secret": DEMO_PASSWORD,
        "totp": DEMO_TOTP,
    }
