"""The console's page of areas' own policies: what holds and whence, propose a stricter value, decide."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter
from litestar.response import Redirect, Template

from xinyi_platform.clock import local_date
from xinyi_platform.division_policies.reading import held_in, ignored_policies, is_known, policies_of_area
from xinyi_platform.division_policies.setting import Proposal, decide_policy, propose_policy
from xinyi_platform.division_policies.states import DECIDERS, PROPOSERS, STATE_NAMES
from xinyi_platform.divisions import division_name, divisions
from xinyi_platform.errors import DomainError, InvalidField
from xinyi_platform.language import Text, language_of
from xinyi_platform.principals import Allow, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of
from xinyi_platform.tenancy.narrowing import Topic, shown_value, topics
from xinyi_platform.web import Form, page

AnyRequest = Request[Any, Any, Any]
PATH = "/console/policies"
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
DIRECTIONS = {
    "at_least": Text("只能增加", "may only be more"),
    "at_most": Text("只能减少", "may only be less"),
    "subset_of": Text("只能减项", "may only leave out"),
}
_SHOWN_AGAIN = (400, 403, 409, 422)


class PolicyForm(Form, kw_only=True, frozen=True):
    """`what`: key and parameter, as `red-volunteer:notice_days`; an empty value gives the own one up."""

    topic: str = ""
    division: str = ""
    what: str = ""
    value: str = ""
    in_force_from: str = ""
    reason: str = ""


class DecisionForm(Form, kw_only=True, frozen=True):
    act: str = ""
    reason: str = ""


class PolicyPages(Controller):
    path = PATH
    guards = [Allow(Staff, roles=DECIDERS)]
    include_in_schema = False

    @get("/")
    async def index(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        topic: Annotated[str, QueryParameter(max_length=40)] = "",
        division: Annotated[str, QueryParameter(max_length=12)] = "",
    ) -> Template:
        """What holds in one division of the area, what is proposed, and the form."""
        return await _show(runtime, request, principal, PolicyForm(topic=topic, division=division))

    @post("/{policy_id:uuid}")
    async def decide(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        policy_id: UUID,
        data: Annotated[DecisionForm, URL_FORM],
    ) -> Redirect | Template:
        """Approve, refuse or take back."""
        try:
            await decide_policy(policy_id, principal, data.act, reason=data.reason, at=runtime.clock.now())
        except DomainError as error:
            if error.status not in _SHOWN_AGAIN:
                raise
            return await _show(runtime, request, principal, PolicyForm(), error=error)
        return Redirect(PATH, status_code=303)


class PolicyProposalPages(Controller):
    path = f"{PATH}/proposals"
    guards = [Allow(Staff, roles=PROPOSERS)]
    include_in_schema = False

    @post("/")
    async def propose(
        self, runtime: Runtime, request: AnyRequest, principal: Staff, data: Annotated[PolicyForm, URL_FORM]
    ) -> Redirect | Template:
        """Propose a value; what is wrong is said beside the form."""
        try:
            await propose_policy(principal, _proposal(data), at=runtime.clock.now())
        except DomainError as error:
            if error.status not in _SHOWN_AGAIN:
                raise
            return await _show(runtime, request, principal, data, error=error)
        return Redirect(f"{PATH}?topic={data.topic}&division={data.division}", status_code=303)


def _proposal(data: PolicyForm) -> Proposal:
    key, _, parameter = data.what.partition(":")
    try:
        first = date.fromisoformat(data.in_force_from)
    except ValueError as error:
        raise InvalidField(field="in_force_from", zh="请选择生效日期。", en="Choose the first day.") from error
    return Proposal(
        division=data.division, topic=data.topic, key=key, parameter=parameter, value=data.value.strip() or None,
        in_force_from=first, reason=data.reason,
    )  # fmt: skip


async def _show(
    runtime: Runtime, request: AnyRequest, staff: Staff, form: PolicyForm, *, error: DomainError | None = None
) -> Template:
    today, known = local_date(runtime.clock.now()), topics()
    place = area_of(staff).part(form.division or staff.division)
    topic = known.get(form.topic) or next(iter(known.values()), None)
    held = await held_in(topic, place.code, on=today) if topic else []
    return page(
        "division_policies/console.html",
        request,
        status_code=error.status if error else 200,
        error=error.explain(language_of(request)) if error else "",
        wrong=error.values.get("field", "") if error else "",
        form=form,
        topic=topic,
        topics={name: one.text for name, one in known.items()},
        places=[(code, division_name(code)) for code in divisions() if area_of(staff).covers(code)],
        place=place.code,
        held=held,
        things=_things(topic, request),
        policies=[(row, known[row.topic]) for row in await policies_of_area(staff) if is_known(row)],
        ignored=await ignored_policies(on=today, area=area_of(staff)),
        states=STATE_NAMES,
        directions=DIRECTIONS,
        name=division_name,
        shown=shown_value,
        person=staff.person,
        may_propose=bool(staff.roles & frozenset(PROPOSERS)),
        today=today,
    )


def _things(topic: Topic | None, request: AnyRequest) -> list[tuple[str, str]]:
    """Return what can be set, as the options of the form."""
    language = language_of(request)
    return [
        (f"{key}:{parameter.name}", f"{base.text.read(language)} · {parameter.text.read(language)}")
        for key, base in (topic.bases().items() if topic else ())
        for parameter in (topic.parameters if topic else ())
    ]


ROUTES = (PolicyPages, PolicyProposalPages)
