"""Find merchants, and what other features may know of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from xinyi_merchants.registry.errors import NotAnOperator
from xinyi_merchants.registry.models import HonestAward, Merchant, MerchantOperator
from xinyi_platform.clock import SystemClock, local_date
from xinyi_platform.errors import NotFound
from xinyi_platform.ids import is_public_code, normalise_public_code
from xinyi_platform.tenancy import everywhere

MOST_CODE_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class MerchantFacts:
    """What is known of a merchant. `honest_until` is the last day of a granted award, also one that has passed."""

    id: UUID
    code: str
    name: str
    trade: str
    division: str
    address: str
    honest_until: date | None
    picture_id: UUID | None
    status: str
    status_reason: str = ""

    def is_honest(self, day: date | None = None) -> bool:
        """Tell whether the award is valid on a day (today in the city when not given)."""
        return self.honest_until is not None and self.honest_until >= (day or local_date(SystemClock().now()))


@dataclass(frozen=True, slots=True)
class MerchantChanged:
    """A merchant's public facts changed; published in the transaction of the change."""

    merchant_id: UUID


@dataclass(frozen=True, slots=True)
class MerchantsChanged:
    """Many merchants' facts changed at once, by a spreadsheet; published in the transaction of the change."""

    merchant_ids: tuple[UUID, ...]


async def find_merchant(merchant_id: UUID) -> MerchantFacts:
    """Return a merchant. Raises NotFound (404)."""
    return (await _facts([_present(await everywhere(Merchant).get_or_none(id=merchant_id))]))[0]


async def uscc_of(merchant_id: UUID) -> str:
    """Return a merchant's unified social credit code. Raises NotFound (404)."""
    return _present(await everywhere(Merchant).get_or_none(id=merchant_id)).uscc


async def find_merchant_by_code(code: str) -> MerchantFacts:
    """Return the merchant of a public code, typed in any case. Raises NotFound (404)."""
    wanted = normalise_public_code(code)
    if len(wanted) > MOST_CODE_CHARACTERS or not is_public_code(wanted):
        raise NotFound
    return (await _facts([_present(await everywhere(Merchant).get_or_none(code=wanted))]))[0]


async def find_merchant_by_uscc(uscc: str) -> MerchantFacts:
    """Return the merchant of a unified social credit code. Raises NotFound (404)."""
    return (await _facts([_present(await everywhere(Merchant).get_or_none(uscc=uscc))]))[0]


async def merchants_by_uscc(codes: Collection[str]) -> dict[str, MerchantFacts]:
    """Return the merchants of unified social credit codes; unknown ones are left out."""
    rows = await everywhere(Merchant).filter(uscc__in=list(codes))
    facts = {found.id: found for found in await _facts(rows)}
    return {row.uscc: facts[row.id] for row in rows}


async def merchant_of_operator(account_id: UUID) -> MerchantFacts:
    """Return the merchant that an operator's account acts for. Raises NotAnOperator (403)."""
    operator = await MerchantOperator.get_or_none(account_id=account_id)
    if operator is None:
        raise NotAnOperator
    return await find_merchant(operator.merchant_id)


async def list_merchants(ids: Iterable[UUID]) -> list[MerchantFacts]:
    """Return the merchants of these ids by name; unknown ids are left out."""
    wanted = list(ids)
    return await _facts(await everywhere(Merchant).filter(id__in=wanted).order_by("name")) if wanted else []


def _present(row: Merchant | None) -> Merchant:
    if row is None:
        raise NotFound
    return row


async def _facts(rows: list[Merchant]) -> list[MerchantFacts]:
    today = local_date(SystemClock().now())
    ids = [row.id for row in rows]
    awards = await HonestAward.filter(merchant_id__in=ids, state="granted", awarded_on__lte=today)
    until: dict[UUID, date] = {}
    for award in awards:
        until[award.merchant_id] = max(award.valid_until, until.get(award.merchant_id, award.valid_until))
    return [
        MerchantFacts(
            id=row.id,
            code=row.code,
            name=row.name,
            trade=row.trade,
            division=row.division,
            address=row.address,
            honest_until=until.get(row.id),
            picture_id=row.picture_id,
            status=row.status,
            status_reason=row.status_reason,
        )
        for row in rows
    ]
