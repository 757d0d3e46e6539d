"""Complaint pages for those who act on them: the shop in the portal, staff in the console."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter
from litestar.response import Redirect, Response, Template

from xinyi_merchants.complaints.acting import Actor
from xinyi_merchants.complaints.deadlines import due_on, is_overdue
from xinyi_merchants.complaints.pages import ActForm, detail_page, jpeg, take_step
from xinyi_merchants.complaints.reading import (
    complaints_of_area,
    complaints_of_merchant,
    merchant_complaint,
    picture_of,
    shop_names,
    staff_complaint,
)
from xinyi_merchants.complaints.states import STAFF_ROLES, STATES
from xinyi_merchants.registry.finding import merchant_of_operator
from xinyi_platform.clock import local_date
from xinyi_platform.principals import Allow, Operator, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import page

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)


class PortalComplaintPages(Controller):
    path = "/portal/complaints"
    guards = [Allow(Operator)]
    include_in_schema = False

    @get("/")
    async def index(self, runtime: Runtime, request: AnyRequest, principal: Operator) -> Template:
        """The shop's complaints, those that wait for it first."""
        shop = await merchant_of_operator(principal.id)
        rows = await complaints_of_merchant(shop.id)
        return page("complaints/work_list.html", request, **await _listed(runtime, rows, "portal"))

    @get("/{complaint_id:uuid}")
    async def one(self, runtime: Runtime, request: AnyRequest, principal: Operator, complaint_id: UUID) -> Template:
        """One of them; the complainant's phone is masked or kept back."""
        shop = await merchant_of_operator(principal.id)
        row = await merchant_complaint(complaint_id, shop.id)
        return await detail_page(runtime, request, row, "portal")

    @post("/{complaint_id:uuid}")
    async def step(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Operator,
        complaint_id: UUID,
        data: Annotated[ActForm, URL_FORM],
    ) -> Redirect | Template:
        """Answer, or ask the consumer, which stops the clock."""
        shop = await merchant_of_operator(principal.id)
        row = await merchant_complaint(complaint_id, shop.id)
        return await take_step(runtime, request, row, "portal", Actor("operator", principal.id), data)

    @get("/{complaint_id:uuid}/pictures/{picture_id:uuid}")
    async def picture(
        self, runtime: Runtime, principal: Operator, complaint_id: UUID, picture_id: UUID
    ) -> Response[bytes]:
        """A picture of a complaint about the shop."""
        shop = await merchant_of_operator(principal.id)
        row = await merchant_complaint(complaint_id, shop.id)
        return jpeg(await picture_of(runtime, row, picture_id, for_merchant=True))


class ConsoleComplaintPages(Controller):
    path = "/console/complaints"
    guards = [Allow(Staff, roles=STAFF_ROLES)]
    include_in_schema = False

    @get("/")
    async def index(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        chosen: Annotated[str, QueryParameter(name="state")] = "",
    ) -> Template:
        """The area's complaints, the most urgent first."""
        rows = await complaints_of_area(principal, state=chosen)
        return page("complaints/work_list.html", request, chosen=chosen, **await _listed(runtime, rows, "console"))

    @get("/{complaint_id:uuid}")
    async def one(self, runtime: Runtime, request: AnyRequest, principal: Staff, complaint_id: UUID) -> Template:
        """One of them with all its steps."""
        row = await staff_complaint(complaint_id, principal)
        return await detail_page(runtime, request, row, "console")

    @post("/{complaint_id:uuid}")
    async def step(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        complaint_id: UUID,
        data: Annotated[ActForm, URL_FORM],
    ) -> Redirect | Template:
        """Accept, reject, mediate, resolve, close, or note what only staff read."""
        row = await staff_complaint(complaint_id, principal)
        return await take_step(runtime, request, row, "console", Actor("staff", principal.id), data)

    @get("/{complaint_id:uuid}/pictures/{picture_id:uuid}")
    async def picture(
        self, runtime: Runtime, principal: Staff, complaint_id: UUID, picture_id: UUID
    ) -> Response[bytes]:
        """A picture of a complaint of the area."""
        return jpeg(await picture_of(runtime, await staff_complaint(complaint_id, principal), picture_id))


async def _listed(runtime: Runtime, rows: list[Any], surface: str) -> dict[str, Any]:
    today = local_date(runtime.clock.now())
    return {
        "surface": surface,
        "layout": f"web/{surface}.html",
        "rows": [(row, due_on(row), is_overdue(row, today)) for row in rows],
        "names": await shop_names(rows),
        "states": STATES,
    }
