"""The history of a shop's facts: each change a row, with who, when, before and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from xinyi_merchants.registry.checking import FIELDS, Value, shown, values_of, written
from xinyi_merchants.registry.models import Merchant, MerchantChange
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import NotFound
from xinyi_platform.identity import account_views
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.principals import Role, Staff
from xinyi_platform.tenancy import area_of, everywhere

KEEPERS = [Role.COMMUNITY_WORKER, Role.CREDIT_OFFICE]
STATES: dict[str, Text] = {
    "done": Text("已生效", "In force"),
    "proposed": Text("待社区确认", "Waits for the community"),
    "confirmed": Text("社区已确认", "Confirmed by the community"),
    "declined": Text("未通过", "Declined"),
    "withdrawn": Text("已撤回", "Withdrawn"),
}
STATUSES: dict[str, Text] = {
    "open": Text("营业", "Open"),
    "closed": Text("停业", "Closed"),
    "revoked": Text("已吊销", "Revoked"),
}
SOURCES: dict[str, Text] = {
    "portal": Text("商户", "The shop"),
    "console": Text("工作人员", "Staff"),
    "sheet": Text("表格导入", "A spreadsheet"),
    "sign_up": Text("入驻登记", "Its sign-up"),
}
_MORE_FIELDS: dict[str, Text] = {
    "status": Text("状态", "Status"),
    "status_reason": Text("状态说明", "Why"),
    "picture": Text("门头照片", "Picture"),
}
PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class Maker:
    """Who changes: by which way, as the trail names her, and as which human being."""

    source: str
    label: str
    person: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One change as people read it. `who` names an operator to her colleagues and to staff."""

    row: MerchantChange
    who: str
    decided_by: str
    fields: list[tuple[Text, Text, Text]]


def change_row(
    merchant: Merchant,
    before: Mapping[str, Value],
    after: Mapping[str, Value],
    who: Maker,
    *,
    at: datetime,
    is_proposal: bool = False,
    reason: str = "",
) -> dict[str, object]:
    """Return one change for a bulk insert: done, or proposed to the community where the shop will be."""
    identity = new_id()
    return {
        "id": identity, "merchant_id": merchant.id, "division": after.get("division") or merchant.division,
        "state": "proposed" if is_proposal else "done", "slot": "open" if is_proposal else str(identity),
        "source": who.source, "before": {name: written(value) for name, value in before.items()},
        "after": {name: written(value) for name, value in after.items()}, "maker": who.label,
        "maker_person": who.person, "made_at": at, "reason": reason,
    }  # fmt: skip


def differences(
    merchant: Merchant, values: Mapping[str, Value], names: Iterable[str]
) -> tuple[dict[str, Value], dict[str, Value]]:
    """Return what was and what would be, for the fields that differ."""
    held = values_of(merchant)
    changed = [name for name in names if name in values and values[name] != held[name]]
    return {name: held[name] for name in changed}, {name: values[name] for name in changed}


async def lock_merchant(merchant_id: UUID) -> Merchant:
    """Return a merchant's row, held until the caller's transaction ends. Raises NotFound (404)."""
    row = await everywhere(Merchant).filter(id=merchant_id).select_for_update().first()
    if row is None:
        raise NotFound
    return row


async def enter_change(row: dict[str, object]) -> bool:
    """Write a change down in the caller's transaction; False where a proposal of the shop waits already."""
    return bool(await bulk_insert(MerchantChange, [row], skip_conflicts=True))


async def history_of(merchant_id: UUID) -> list[Line]:
    """Return a shop's newest changes."""
    return await read_lines(await MerchantChange.filter(merchant_id=merchant_id).order_by("-id").limit(PAGE_ROWS))


async def waiting_change(merchant_id: UUID) -> Line | None:
    """Return what the shop has proposed and nobody has decided."""
    rows = await MerchantChange.filter(merchant_id=merchant_id, slot="open")
    return (await read_lines(rows))[0] if rows else None


async def changes_waiting(staff: Staff) -> list[MerchantChange]:
    """Return what waits in the area, the oldest first."""
    area = area_of(staff).bind(MerchantChange.filter(state="proposed"))
    return await area.order_by("id").limit(200)


async def read_lines(rows: list[MerchantChange]) -> list[Line]:
    """Return changes with their makers' names and their fields' words."""
    actors = {label for row in rows for label in (row.maker, row.decider) if label}
    ids = {label: identity for label in actors if (identity := _account_of(label))}
    names = await account_views(ids.values())
    known = {label: names[identity].display_name for label, identity in ids.items() if identity in names}
    return [
        Line(row, known.get(row.maker, ""), known.get(row.decider or "", ""), _words(row.before, row.after))
        for row in rows
    ]


def _account_of(label: str) -> UUID | None:
    kind, _, identity = label.partition(":")
    return UUID(identity) if kind in ("operator", "staff") and identity else None


def _words(before: dict[str, str], after: dict[str, str]) -> list[tuple[Text, Text, Text]]:
    found = []
    for name, text in after.items():
        label = FIELDS.get(name) or _MORE_FIELDS[name]
        if name == "status":
            found.append((label, STATUSES.get(before.get(name, ""), Text("—", "—")), STATUSES[text]))
        elif name == "picture":
            found.append((label, Text("—", "—"), Text("已更换", "Changed")))
        else:
            found.append((label, shown(name, before.get(name, "")), shown(name, text)))
    return found
