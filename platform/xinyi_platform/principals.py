"""Who calls: residents, operators, staff, partners or nobody known; and the guard that each route carries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from xinyi_platform.divisions import is_city
from xinyi_platform.errors import Forbidden, NotSignedIn
from xinyi_platform.language import Text


class Role(StrEnum):
    """What a member of staff may do. One account may hold several; reviewer ≠ maker is checked act by act."""

    COMMUNITY_WORKER = "community_worker"  # 社区工作人员: makes lists, follows complaints
    REVIEWER = "reviewer"  # 复核人: approves what others made
    MEDIATOR = "mediator"  # 调解员: mediates and closes complaints
    CREDIT_OFFICE = "credit_office"  # 信用办: quotas, objections, city-wide settings
    SUPERVISOR = "supervisor"  # 执法人员: sees supervision data
    ADMIN = "admin"  # 系统管理员: accounts, keys, webhooks


class Duty(StrEnum):
    """What an operator may do for her merchant. A route for operators that names none is for whoever runs the shop."""

    TILL = "till"  # 收银核销: redeem, and see the shop as everybody does
    RUN = "run"  # 日常经营: change the shop, answer complaints, print stickers
    OWN = "own"  # 店主事务: people and the merchant's own systems


@dataclass(frozen=True, slots=True)
class OperatorDuties:
    """How the feature that knows the merchants tells what an account may do; a part of the runtime."""

    read: Callable[[UUID], Awaitable[frozenset[Duty]]]


class DutyNeeded(Forbidden):
    """The operator's role at the merchant does not cover this."""

    code = "duty_needed"
    text = Text(
        "您在本店的角色不能进行此操作,请联系店主。",
        "Your role at this shop does not cover this; ask the owner.",
    )


class CityOnly(Forbidden):
    """The act is the city's, and the member of staff serves a part of it."""

    code = "city_only"
    text = Text("此事由市级办理。", "The city's own staff do this.")


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller. `id` is the row of the account, resident or partner."""

    id: UUID

    @property
    def kind(self) -> str:
        return type(self).__name__.lower()

    @property
    def label(self) -> str:
        """Return how the trail names this caller: `resident:0192…`."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Resident(Principal):
    """A person who uses the app."""


@dataclass(frozen=True, slots=True)
class Operator(Principal):
    """A person acting for a merchant; which one, the merchants feature knows. Without a merchant there is no duty."""

    session_id: UUID
    duties: frozenset[Duty] = frozenset()


@dataclass(frozen=True, slots=True)
class Staff(Principal):
    """A member of staff. `division` is the code of the area served: city, district, street or community.

    `person` is the same for all accounts of one human being, so that nobody reviews her own work by a second
    account.
    """

    session_id: UUID
    person: str
    roles: frozenset[Role]
    division: str


@dataclass(frozen=True, slots=True)
class Partner(Principal):
    """A machine client with the scopes its token carries."""

    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Anyone:
    """Nobody known."""

    kind = "anyone"
    label = "anyone"


class Allow:
    """The guard of a route: who may call it. Every route has exactly one, which a test walks.

    `Allow(Staff, roles=[Role.REVIEWER])` lets in staff with one of the roles; `Allow(Partner, scope="orders")`
    a partner whose token has the scope; `Allow(Operator, duty=Duty.TILL)` every operator of a merchant, and
    `Allow(Operator)` those who run it; `Allow(Anyone)` everybody. `city=True`: of staff those alone who serve the whole
    city, because what the route shows or does is the city's and not any area's.
    """

    def __init__(
        self,
        *kinds: type[Principal] | type[Anyone],
        roles: list[Role] | None = None,
        scope: str | None = None,
        duty: Duty = Duty.RUN,
        city: bool = False,
    ) -> None:
        self.kinds = kinds
        self.roles = frozenset(roles or ())
        self.scope = scope
        self.duty = duty
        self.city = city

    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        """Raise NotSignedIn (401) for an unknown caller, Forbidden (403) for one who may not.

        A coroutine, because the framework runs a plain function in a thread, for each request.
        """
        if Anyone in self.kinds:
            return
        caller = connection.scope.get("user")
        if caller is None or isinstance(caller, Anyone):
            raise NotSignedIn
        if not isinstance(caller, tuple(k for k in self.kinds if k is not Anyone)):
            raise Forbidden
        if self.roles and isinstance(caller, Staff) and not self.roles & caller.roles:
            raise Forbidden
        if self.city and isinstance(caller, Staff) and not is_city(caller.division):
            raise CityOnly
        if self.scope and isinstance(caller, Partner) and self.scope not in caller.scopes:
            raise Forbidden
        if isinstance(caller, Operator) and self.duty not in caller.duties:
            raise DutyNeeded


def caller_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Principal | Anyone:
    """Return who calls, as the authentication middleware found out."""
    return connection.scope.get("user") or Anyone()
