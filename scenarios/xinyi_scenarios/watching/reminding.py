"""Remind residents before something runs out: a validity, a hold on a unit, a deposit-free order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from xinyi_platform.language import Text
from xinyi_platform.notices import News, NoticeKind, Reminder, remind
from xinyi_platform.runtime import Runtime
from xinyi_platform.web.formatting import local_time
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.entitlements.states import USABLE
from xinyi_scenarios.orders.models import ServiceOrder
from xinyi_scenarios.watching.wording import name_of

EXPIRING = NoticeKind("entitlement.expiring", about_loss=True)
HOLD_ENDING = NoticeKind("claim.hold_ending", about_loss=True)
HOLD_ENDED = NoticeKind("claim.hold_ended", about_loss=True)
ORDER_DUE = NoticeKind("order.due", about_loss=True)
DAYS_BEFORE_EXPIRY = (7, 1)
BEFORE_DUE = {"1d": timedelta(days=1), "30m": timedelta(minutes=30)}
BEFORE_HOLD_ENDS = timedelta(minutes=30)
# What a sweep ended a moment ago may not be visible yet.
_SETTLED = timedelta(minutes=2)


async def remind_due(runtime: Runtime) -> int:
    """Tell all reminders that are due. Returns how many were told."""
    reminders = [
        *(_expiry(runtime, days) for days in DAYS_BEFORE_EXPIRY),
        *(_order(runtime, name) for name in BEFORE_DUE),
        _hold_ending(runtime),
        _hold_ended(runtime),
    ]
    now = runtime.clock.now()
    return sum([await remind(reminder, at=now) for reminder in reminders])


def _expiry(runtime: Runtime, days: int) -> Reminder:
    """One that a long stop of the jobs has delayed until the next is due as well leaves it to that."""
    nearer = max((d for d in DAYS_BEFORE_EXPIRY if d < days), default=0)

    async def find(after: datetime, until: datetime) -> Sequence[News]:
        past = runtime.clock.now() + timedelta(days=nearer)
        rows = Entitlement.filter(state__in=[*USABLE], valid_until__gt=max(after, past), valid_until__lte=until)
        return [_expiring(runtime, held, days) for held in await rows]

    return Reminder(name=f"entitlements.{days}d", ahead=timedelta(days=days), find=find)


def _expiring(runtime: Runtime, held: Entitlement, days: int) -> News:
    name, ends = name_of(runtime, held.scenario), local_time(held.valid_until)
    return News(
        resident_id=held.resident_id,
        kind=EXPIRING,
        dedupe=f"entitlement:{held.id}:expires:{days}d",
        title=Text(f"您的“{name.zh}”将于{ends}到期", f"Your “{name.en}” runs out at {ends}"),
        body=Text("到期后不能再使用,请及时使用。", "After that it cannot be used; use it in time."),
        link=f"/app/entitlements/{held.id}",
    )


def _hold_ending(runtime: Runtime) -> Reminder:
    async def find(after: datetime, until: datetime) -> Sequence[News]:
        rows = Entitlement.filter(state="reserved", reserved_until__gt=max(after, runtime.clock.now()))
        return [_hold_news(runtime, held) for held in await rows.filter(reserved_until__lte=until)]

    return Reminder(name="claims.hold_ending", ahead=BEFORE_HOLD_ENDS, find=find)


def _hold_news(runtime: Runtime, held: Entitlement) -> News:
    name, ends = name_of(runtime, held.scenario), local_time(held.reserved_until)
    return News(
        resident_id=held.resident_id,
        kind=HOLD_ENDING,
        dedupe=f"claim:{held.id}:hold_ending",
        title=Text(f"“{name.zh}”的名额保留至{ends}", f"Your place in “{name.en}” is held until {ends}"),
        body=Text(
            "信用平台至今未能确认,平台仍在自动重试。届时若仍无结果,名额将退回,您可再次领取,不影响资格。",
            "The credit bureau has not confirmed yet, and is still being asked. If there is no answer by then the "
            "place goes back; you can claim again, and nothing counts against you.",
        ),
        link=f"/app/entitlements/{held.id}",
    )


def _hold_ended(runtime: Runtime) -> Reminder:
    async def find(after: datetime, until: datetime) -> Sequence[News]:
        rows = Entitlement.filter(state="expired", issued_at=None, ended_at__gt=after, ended_at__lte=until)
        return [_hold_ended_news(runtime, held) for held in await rows]

    return Reminder(name="claims.hold_ended", ahead=-_SETTLED, find=find)


def _hold_ended_news(runtime: Runtime, held: Entitlement) -> News:
    name = name_of(runtime, held.scenario)
    return News(
        resident_id=held.resident_id,
        kind=HOLD_ENDED,
        dedupe=f"claim:{held.id}:hold_ended",
        title=Text(f"“{name.zh}”的名额已退回", f"Your place in “{name.en}” has gone back"),
        body=Text(
            "信用平台在保留时间内未能确认。这不是拒绝,您可以再次领取。",
            "The credit bureau did not confirm in time. This is no refusal; you can claim again.",
        ),
        link=f"/app/scenes/{held.scenario}",
    )


def _order(runtime: Runtime, name: str) -> Reminder:
    async def find(after: datetime, until: datetime) -> Sequence[News]:
        rows = ServiceOrder.filter(state="doing", due_at__gt=max(after, runtime.clock.now()), due_at__lte=until)
        return [_order_news(runtime, order, name) for order in await rows]

    return Reminder(name=f"orders.{name}", ahead=BEFORE_DUE[name], find=find)


def _order_news(runtime: Runtime, order: ServiceOrder, step: str) -> News:
    name, due = name_of(runtime, order.scenario), local_time(order.due_at)
    return News(
        resident_id=order.resident_id,
        kind=ORDER_DUE,
        dedupe=f"order:{order.id}:due:{step}",
        title=Text(f"“{name.zh}”订单请于{due}前归还", f"Your “{name.en}” order is due back by {due}"),
        body=Text(
            f"订单号:{order.out_order_no}。逾期未还期间不能使用新的免押服务,归还后即恢复。",
            f"Order {order.out_order_no}. While it is overdue no new deposit-free service can be used; returning it "
            "ends that.",
        ),
        link=f"/app/entitlements/{order.entitlement_id}",
    )
