"""The registry over HTTP."""

from __future__ import annotations

from datetime import date

from litestar import Controller, get

from xinyi_merchants.commitments import commitment_of
from xinyi_merchants.complaints.facts import ComplaintFacts, complaint_facts
from xinyi_merchants.registry.finding import find_merchant_by_code
from xinyi_merchants.registry.trades import trade_name
from xinyi_platform.clock import local_date
from xinyi_platform.divisions import division_name
from xinyi_platform.language import Text
from xinyi_platform.principals import Allow, Anyone
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer


class MerchantAnswer(Answer, kw_only=True, frozen=True):
    """A merchant as everybody may know it; `status` is open, closed or revoked. It never says a credit class.

    `committed_on` is the day of its commitment to honest trade, while it is in force and the shop open.
    """

    code: str
    name: str
    trade: str
    trade_name: Text
    division: str
    division_name: Text
    address: str
    status: str
    status_reason: str
    honest_until: date | None
    committed_on: date | None
    complaints: ComplaintFacts


class MerchantApi(Controller):
    path = "/api/v1/merchants"
    guards = [Allow(Anyone)]
    tags = ["merchants"]

    @get("/{code:str}", summary="One merchant by its public code")
    async def one(self, runtime: Runtime, code: str) -> MerchantAnswer:
        """Return the public facts of a merchant. 404 where the code is unknown."""
        found = await find_merchant_by_code(code)
        today = local_date(runtime.clock.now())
        signed = await commitment_of(found.id)
        return MerchantAnswer(
            code=found.code,
            name=found.name,
            trade=found.trade,
            trade_name=trade_name(found.trade),
            division=found.division,
            division_name=division_name(found.division),
            address=found.address,
            status=found.status,
            status_reason=found.status_reason,
            honest_until=found.honest_until if found.is_honest(today) else None,
            committed_on=local_date(signed.signed_at) if signed and found.status == "open" else None,
            complaints=await complaint_facts(found.id, today=today),
        )
