"""A shop's people: who they are, changing a role, and taking somebody off; one owner always stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from xinyi_merchants.operators.errors import LastOwner
from xinyi_merchants.operators.roles import ROLES
from xinyi_merchants.registry.history import lock_merchant
from xinyi_merchants.registry.models import MerchantOperator
from xinyi_platform import audit
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.identity import account_views, close_account


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who acts for a shop."""

    row: MerchantOperator
    username: str
    name: str


async def people_of(merchant_id: UUID) -> list[Person]:
    """Return a shop's people, owners first."""
    rows = await MerchantOperator.filter(merchant_id=merchant_id).order_by("created_at", "id")
    known = await account_views(row.account_id for row in rows)
    order = list(ROLES)
    rows.sort(key=lambda row: order.index(row.role))
    return [Person(row, known[row.account_id].username, known[row.account_id].display_name) for row in rows]


async def change_role(operator_id: UUID, merchant_id: UUID, *, role: str, actor: str, now: datetime) -> None:
    """Give one of the shop's people another role. Raises NotFound (404), InvalidField (400) and LastOwner (409)."""
    if not await MerchantOperator.exists(id=operator_id, merchant_id=merchant_id):
        raise NotFound
    if role not in ROLES:
        raise InvalidField(field="role", zh="请选择角色。", en="Choose a role.")
    async with transaction():
        row = await _held(operator_id, merchant_id, keeps_owner=role == "owner")
        await MerchantOperator.filter(id=row.id).update(role=role)
        await _record("role_changed", row, {"before": row.role, "after": role}, actor, now)


async def remove_operator(operator_id: UUID, merchant_id: UUID, *, actor: str, now: datetime) -> None:
    """Take somebody off: her account is closed and every session of it ends at once.

    Raises NotFound (404) and LastOwner (409).
    """
    async with transaction():
        row = await _held(operator_id, merchant_id, keeps_owner=False)
        await MerchantOperator.filter(id=row.id).delete()
        await close_account(row.account_id, at=now)
        await _record("removed", row, {"role": row.role}, actor, now)


async def _held(operator_id: UUID, merchant_id: UUID, *, keeps_owner: bool) -> MerchantOperator:
    """Return the row under the merchant's lock, so that two owners cannot take each other off at once."""
    await lock_merchant(merchant_id)
    row = await MerchantOperator.get_or_none(id=operator_id, merchant_id=merchant_id)
    if row is None:
        raise NotFound
    owners = await MerchantOperator.filter(merchant_id=merchant_id, role="owner").count()
    if row.role == "owner" and owners == 1 and not keeps_owner:
        raise LastOwner
    return row


async def _record(act: str, row: MerchantOperator, detail: dict[str, object], actor: str, at: datetime) -> None:
    await audit.record(
        f"merchant_operator.{act}",
        actor=actor,
        object_kind="merchant",
        object_id=row.merchant_id,
        detail={"account": str(row.account_id), **detail},
        at=at,
    )
