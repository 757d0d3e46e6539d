"""The registry's acts as JSON for staff: status, proposals, sign-ups."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Controller, get, post

from xinyi_merchants.registry.changing import decide_change, set_status
from xinyi_merchants.registry.history import KEEPERS, changes_waiting
from xinyi_merchants.registry.listing import merchant_of_area
from xinyi_merchants.registry.models import MerchantChange
from xinyi_merchants.sign_ups.deciding import applications_waiting, decide_application
from xinyi_merchants.sign_ups.models import MerchantApplication
from xinyi_platform.principals import Allow, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request

Reason = Annotated[str, msgspec.Meta(max_length=200, examples=["与营业执照一致。"])]


class StatusRequest(Request, kw_only=True, frozen=True):
    """The shop's new status and why; the public page tells both."""

    status: Literal["open", "closed", "revoked"]
    reason: Annotated[str, msgspec.Meta(min_length=2, max_length=200, examples=["营业执照已被吊销。"])]


class RegistryDecision(Request, kw_only=True, frozen=True):
    """`reason` is needed to decline; the shop reads it."""

    is_confirmed: bool
    reason: Reason = ""


class StatusAnswer(Answer, kw_only=True, frozen=True):
    """A shop's status as it is now."""

    id: UUID
    code: str
    status: str
    status_reason: str


class ChangeAnswer(Answer, kw_only=True, frozen=True):
    """A change that a shop proposed: field by field before and after."""

    id: UUID
    merchant_id: UUID
    state: str
    before: dict[str, str]
    after: dict[str, str]
    made_at: datetime
    decided_at: datetime | None
    reason: str


class ApplicationAnswer(Answer, kw_only=True, frozen=True):
    """A shop's sign-up; `merchant_id` is the shop that a confirmation made."""

    id: UUID
    uscc: str
    name: str
    trade: str
    division: str
    address: str
    phone: str
    licence_date: date
    state: str
    made_at: datetime
    decided_at: datetime | None
    merchant_id: UUID | None
    reason: str


def _change(row: MerchantChange) -> ChangeAnswer:
    return ChangeAnswer(**{name: getattr(row, name) for name in ChangeAnswer.__struct_fields__})


def _application(row: MerchantApplication) -> ApplicationAnswer:
    return ApplicationAnswer(**{name: getattr(row, name) for name in ApplicationAnswer.__struct_fields__})


class StaffRegistryApi(Controller):
    path = "/staff/v1/merchants"
    guards = [Allow(Staff, roles=KEEPERS)]
    tags = ["merchants"]

    @post("/{merchant_id:uuid}/status", status_code=200, summary="Close, revoke or reopen a shop")
    async def status(self, runtime: Runtime, principal: Staff, merchant_id: UUID, data: StatusRequest) -> StatusAnswer:
        """409 where the shop has that status already."""
        now = runtime.clock.now()
        await set_status(runtime, merchant_id, principal, status=data.status, reason=data.reason, now=now)
        row = await merchant_of_area(merchant_id, principal)
        return StatusAnswer(id=row.id, code=row.code, status=row.status, status_reason=row.status_reason)


class StaffChangeApi(Controller):
    path = "/staff/v1/merchant-changes"
    guards = [Allow(Staff, roles=KEEPERS)]
    tags = ["merchants"]

    @get("/", summary="Changes that shops of the area proposed")
    async def index(self, principal: Staff) -> list[ChangeAnswer]:
        """What waits, the oldest first."""
        return [_change(row) for row in await changes_waiting(principal)]

    @post("/{change_id:uuid}", status_code=200, summary="Confirm or decline a proposed change")
    async def decide(self, runtime: Runtime, principal: Staff, change_id: UUID, data: RegistryDecision) -> ChangeAnswer:
        """By somebody other than who proposed it; 409 where it was settled or the facts changed since."""
        now = runtime.clock.now()
        row = await decide_change(
            runtime, change_id, principal, is_confirmed=data.is_confirmed, reason=data.reason, now=now
        )
        return _change(row)


class StaffApplicationApi(Controller):
    path = "/staff/v1/merchant-applications"
    guards = [Allow(Staff, roles=KEEPERS)]
    tags = ["merchants"]

    @get("/", summary="Sign-ups of shops of the area")
    async def index(self, principal: Staff) -> list[ApplicationAnswer]:
        """What waits, the oldest first."""
        return [_application(row) for row in await applications_waiting(principal)]

    @post("/{application_id:uuid}", status_code=200, summary="Confirm or decline a sign-up")
    async def decide(
        self, runtime: Runtime, principal: Staff, application_id: UUID, data: RegistryDecision
    ) -> ApplicationAnswer:
        """Confirmed, the shop exists and its owner is invited; 409 where somebody was quicker."""
        now = runtime.clock.now()
        row = await decide_application(
            runtime, application_id, principal, is_confirmed=data.is_confirmed, reason=data.reason, now=now
        )
        return _application(row)


ROUTES = (StaffRegistryApi, StaffChangeApi, StaffApplicationApi)
