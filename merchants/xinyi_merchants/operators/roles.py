"""The three roles at a shop, and the duties that each brings."""

from __future__ import annotations

from uuid import UUID

from xinyi_merchants.registry.models import MerchantOperator
from xinyi_platform.language import Text
from xinyi_platform.principals import Duty

ROLES: dict[str, Text] = {
    "owner": Text("店主", "Owner"),
    "manager": Text("店长", "Manager"),
    "clerk": Text("店员", "Clerk"),
}
DUTIES: dict[str, frozenset[Duty]] = {
    "owner": frozenset(Duty),
    "manager": frozenset({Duty.TILL, Duty.RUN}),
    "clerk": frozenset({Duty.TILL}),
}
MEANINGS: dict[str, Text] = {
    "owner": Text("一切事务,包括人员与系统对接", "Everything, people and the shop's own systems as well"),
    "manager": Text("日常经营:信息、投诉、码贴、核销", "Runs the shop: facts, complaints, stickers, redeeming"),
    "clerk": Text("只能核销", "Redeems, and nothing else"),
}


async def read_duties(account_id: UUID) -> frozenset[Duty]:
    """Return what an account may do for its merchant; nothing where it acts for none."""
    held = await MerchantOperator.get_or_none(account_id=account_id).only("role")
    return DUTIES[held.role] if held else frozenset()
