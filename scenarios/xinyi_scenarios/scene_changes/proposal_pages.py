"""Pages on which a change is proposed: the generated form with its preview, the switch, quotas and loans."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated, Any
from urllib.parse import parse_qsl
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template

from xinyi_platform.clock import local_date
from xinyi_platform.errors import DomainError, InvalidField, InvalidInput
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page
from xinyi_scenarios.manifests import Catalogue, Manifest
from xinyi_scenarios.scene_changes.counting import holders_of
from xinyi_scenarios.scene_changes.models import SceneChange
from xinyi_scenarios.scene_changes.pages import scene_page
from xinyi_scenarios.scene_changes.proposing import (
    Proposer,
    check_version,
    propose_loan,
    propose_quota,
    propose_return,
    propose_switch,
    propose_version,
)
from xinyi_scenarios.scene_changes.states import PROPOSERS
from xinyi_scenarios.scene_forms import (
    Faults,
    change_rows,
    differences_of,
    draw_form,
    fill_form,
    read_form,
)

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
_MOST_FIELDS = 4_000


class SwitchForm(Form, kw_only=True, frozen=True):
    on: str = ""
    reason: str = ""


class QuotaForm(Form, kw_only=True, frozen=True):
    quota: str = ""
    total: str = ""
    is_open: str = ""
    reason: str = ""


class LoanForm(Form, kw_only=True, frozen=True):
    lender: str = ""
    borrower: str = ""
    units: str = ""
    reason: str = ""


class ReturnForm(Form, kw_only=True, frozen=True):
    loan: str = ""
    units: str = ""
    reason: str = ""


def _number(text: str, field: str, *, least: int = 0) -> int:
    typed = text.strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 12 and int(typed) >= least):
        raise InvalidField(field=field, zh="请填写整数。", en="Give a whole number.")
    return int(typed)


def _identity(text: str, field: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidField(field=field, zh="请重新选择。", en="Choose again.") from error


async def _typed(request: AnyRequest) -> dict[str, list[str]]:
    """Return all fields of a form whose names are not known beforehand."""
    try:
        pairs = parse_qsl(
            (await request.body()).decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise InvalidInput from error
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


class ConsoleProposalPages(Controller):
    path = "/console/scenes/{slug:str}"
    guards = [Allow(Staff, roles=PROPOSERS, city=True)]
    include_in_schema = False

    @get("/switch")
    async def switch_form(self, runtime: Runtime, request: AnyRequest, slug: str) -> Template:
        """What switching it would stop and what stays."""
        return await self._switch_page(runtime, request, slug, None)

    @post("/switch", status_code=200)
    async def switch(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        slug: str,
        data: Annotated[SwitchForm, URL_FORM],
    ) -> Template | Redirect:
        """Propose it."""
        runtime.part(Catalogue).get(slug)
        by = Proposer(principal, data.reason, runtime.clock.now())
        try:
            made = await propose_switch(runtime, slug, on=data.on == "true", by=by)
        except DomainError as error:
            return await self._switch_page(runtime, request, slug, error)
        return _to(made)

    @post("/quota", status_code=200)
    async def quota(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        slug: str,
        data: Annotated[QuotaForm, URL_FORM],
    ) -> Template | Redirect:
        """Propose another total for a running quota."""
        by = Proposer(principal, data.reason, runtime.clock.now())

        async def propose() -> SceneChange:
            total, is_open = _number(data.total, "total"), data.is_open == "true"
            return await propose_quota(slug, _identity(data.quota, "quota"), total=total, is_open=is_open, by=by)

        return await self._propose(runtime, request, slug, propose())

    @post("/loan", status_code=200)
    async def loan(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        slug: str,
        data: Annotated[LoanForm, URL_FORM],
    ) -> Template | Redirect:
        """Propose that one district lends another."""
        by = Proposer(principal, data.reason, runtime.clock.now())

        async def propose() -> SceneChange:
            lender, borrower = _identity(data.lender, "lender"), _identity(data.borrower, "borrower")
            return await propose_loan(slug, lender, borrower, _number(data.units, "units", least=1), by=by)

        return await self._propose(runtime, request, slug, propose())

    @post("/return", status_code=200)
    async def back(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        slug: str,
        data: Annotated[ReturnForm, URL_FORM],
    ) -> Template | Redirect:
        """Propose to take units of a loan back."""
        by = Proposer(principal, data.reason, runtime.clock.now())

        async def propose() -> SceneChange:
            units = _number(data.units, "units", least=1)
            return await propose_return(slug, _identity(data.loan, "loan"), units, by=by)

        return await self._propose(runtime, request, slug, propose())

    @get("/edit")
    async def edit_form(self, runtime: Runtime, request: AnyRequest, slug: str) -> Template:
        """The form drawn from the newest version."""
        latest = _latest(runtime, slug)
        today = local_date(runtime.clock.now())
        values = {**latest.written(), "opens_on": max(today, latest.opens_on)}
        return self._form(request, latest, values, {}, 200)

    @post("/edit", status_code=200)
    async def edit(self, runtime: Runtime, request: AnyRequest, principal: Staff, slug: str) -> Template | Redirect:
        """Add or remove a row, preview the difference, or propose it."""
        latest, typed = _latest(runtime, slug), await _typed(request)
        values, act = read_form(typed), (typed.get("act") or ["preview"])[0]
        chosen = (typed.get(f"new:{act.partition(':')[2]}") or [""])[0]
        if change_rows(values, act, chosen) or act == "edit":
            return self._form(request, latest, values, {}, 200)
        now = runtime.clock.now()
        scene, faults = check_version(latest, values, today=local_date(now))
        if scene is None or faults:
            return self._form(request, latest, values, faults, 422)
        error: DomainError | None = None
        if act == "propose":
            by = Proposer(principal, (typed.get("reason") or [""])[0], now)
            try:
                return _to(await propose_version(runtime, slug, values, by=by))
            except DomainError as refused:
                error = refused
        return page(
            "scene_changes/console_preview.html",
            request,
            status_code=error.status if error else 200,
            error=error.explain(language_of(request)) if error else "",
            scene=latest,
            day=scene.opens_on,
            differences=differences_of(latest, scene),
            typed=fill_form(values),
        )

    def _form(
        self, request: AnyRequest, latest: Manifest, values: dict[str, Any], faults: Faults, status: int
    ) -> Template:
        nodes = draw_form(values, faults)
        return page(
            "scene_changes/console_edit.html", request, status_code=status, scene=latest, nodes=nodes, faults=faults
        )

    async def _propose(
        self, runtime: Runtime, request: AnyRequest, slug: str, proposing: Awaitable[SceneChange]
    ) -> Template | Redirect:
        try:
            return _to(await proposing)
        except DomainError as error:
            return await scene_page(runtime, request, slug, error=error)

    async def _switch_page(
        self, runtime: Runtime, request: AnyRequest, slug: str, error: DomainError | None
    ) -> Template:
        catalogue = runtime.part(Catalogue)
        return page(
            "scene_changes/console_switch.html",
            request,
            status_code=error.status if error else 200,
            error=error.explain(language_of(request)) if error else "",
            scene=catalogue.get(slug),
            is_on=catalogue.is_on(slug),
            holders=await holders_of(slug),
        )


def _latest(runtime: Runtime, slug: str) -> Manifest:
    catalogue = runtime.part(Catalogue)
    catalogue.get(slug)
    return catalogue.versions(slug)[-1]


def _to(change: SceneChange) -> Redirect:
    return Redirect(f"/console/scenes/changes/{change.id}", status_code=303)


ROUTES = (ConsoleProposalPages,)
