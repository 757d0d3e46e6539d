"""Districts lend each other what they do not use, and take back what is still free."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise.expressions import F

from xinyi_platform import audit
from xinyi_platform.database import transaction
from xinyi_platform.errors import Conflict, NotFound, Unprocessable
from xinyi_platform.language import Text
from xinyi_scenarios.quotas.counting import move_total
from xinyi_scenarios.quotas.models import Quota, QuotaLoan


class NotEnoughFree(Conflict):
    """Of a share only what nobody uses can move. Values: `free`."""

    code = "quota_not_free"
    text = Text("该区仅剩{free}个未使用名额。", "Only {free} units of that share are not in use.")


class NotTwoShares(Unprocessable):
    """A loan runs between two districts of one scene in one period."""

    code = "not_two_shares"
    text = Text(
        "只能在同一场景、同一期的两个区之间调剂。", "Shares move between two districts of one scene and period."
    )


async def lend_share(lender_id: UUID, borrower_id: UUID, units: int, *, actor: str, at: datetime) -> QuotaLoan:
    """Move unused units from one district's share to another's. Their sum stays the same.

    Raises NotFound (404), NotTwoShares (422) and NotEnoughFree (409).
    """
    async with transaction():
        await _refuse_others(lender_id, borrower_id)
        await _move({lender_id: -units, borrower_id: units}, giver=lender_id)
        loan = await QuotaLoan.create(lender_id=lender_id, borrower_id=borrower_id, units=units, actor=actor, at=at)
        await _record("quota.lent", loan, units, actor=actor, at=at)
    return loan


async def take_back_share(loan_id: UUID, units: int, *, actor: str, at: datetime) -> QuotaLoan:
    """Return units of a loan that the borrower does not use. Raises NotFound (404) and NotEnoughFree (409)."""
    async with transaction():
        loan = await QuotaLoan.get_or_none(id=loan_id)
        if loan is None:
            raise NotFound
        changed = await QuotaLoan.filter(id=loan_id, returned__lte=loan.units - units).update(
            returned=F("returned") + units
        )
        if not changed:
            raise NotEnoughFree(free=loan.units - loan.returned)
        await _move({loan.lender_id: units, loan.borrower_id: -units}, giver=loan.borrower_id)
        await _record("quota.taken_back", loan, units, actor=actor, at=at)
    return await QuotaLoan.get(id=loan_id)


async def _refuse_others(lender_id: UUID, borrower_id: UUID) -> None:
    rows = {row.id: row for row in await Quota.filter(id__in=[lender_id, borrower_id])}
    if lender_id not in rows or borrower_id not in rows:
        raise NotFound
    one, two = rows[lender_id], rows[borrower_id]
    same = (one.scenario, one.measure, one.period) == (two.scenario, two.measure, two.period)
    if lender_id == borrower_id or not same or not all(row.scope.startswith("district:") for row in (one, two)):
        raise NotTwoShares


async def _move(units: dict[UUID, int], *, giver: UUID) -> None:
    """Change both totals, always in the order of the claims, which take districts by their code."""
    scopes = {row.id: row.scope for row in await Quota.filter(id__in=list(units))}
    for quota_id in sorted(units, key=lambda quota: scopes[quota]):
        if not await move_total(quota_id, units[quota_id]):
            row = await Quota.get(id=giver)
            raise NotEnoughFree(free=row.total - row.used)


async def _record(kind: str, loan: QuotaLoan, units: int, *, actor: str, at: datetime) -> None:
    detail = {"from": str(loan.lender_id), "to": str(loan.borrower_id), "units": units}
    await audit.record(kind, actor=actor, object_kind="quota_loan", object_id=loan.id, detail=detail, at=at)
