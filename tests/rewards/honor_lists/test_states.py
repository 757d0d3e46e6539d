"""The states of an entry: every edge that is not in the table is refused, and nothing leaves an end state."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from support.databases import SqliteDatabases
from tortoise.backends.base.executor import EXECUTOR_CACHE

from xinyi_platform.clock import FixedClock
from xinyi_platform.database import connect_database
from xinyi_platform.errors import DomainError, TransitionForbidden
from xinyi_platform.identity import create_resident
from xinyi_platform.identity.residents import NewResident
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Role, Staff
from xinyi_platform.runtime import Runtime, build_runtime
from xinyi_platform.settings import Settings
from xinyi_rewards.honor_lists.making import make_list
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList, Objection
from xinyi_rewards.honor_lists.objecting import decide_objection, object_to_entry
from xinyi_rewards.honor_lists.parties import Party
from xinyi_rewards.honor_lists.publishing import end_entry, expire_entries, publish_due
from xinyi_rewards.honor_lists.reading import public_entries
from xinyi_rewards.honor_lists.reviewing import approve_list, send_back, submit_list
from xinyi_rewards.honor_lists.states import TRANSITIONS, advance

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
KIND = "red-volunteer"
EVENTS = sorted({event for edges in TRANSITIONS.values() for event in edges})
ENDS = ("repaired", "expired", "revoked")
Result = TypeVar("Result")


@pytest.mark.parametrize("state", list(TRANSITIONS))
@pytest.mark.parametrize("event", EVENTS)
def test_every_edge_is_in_the_table_or_refused(state: str, event: str) -> None:
    if event in TRANSITIONS[state]:
        assert advance(state, event) == TRANSITIONS[state][event]
        return
    with pytest.raises(TransitionForbidden):
        advance(state, event)


def staff(name: str) -> Staff:
    """A maker and reviewer of the one community."""
    return Staff(
        id=new_id(),
        session_id=new_id(),
        person=name,
        roles=frozenset({Role.REVIEWER, Role.COMMUNITY_WORKER}),
        division="410611001001",
    )


class ListMachine(RuleBasedStateMachine):
    """One person's entries on one kind of list, made, reviewed, contested and ended in any order."""

    databases: SqliteDatabases
    models: list[str]
    keys_file: Any

    def __init__(self) -> None:
        super().__init__()
        EXECUTOR_CACHE.clear()
        self.loop = asyncio.new_event_loop()
        self.clock = FixedClock(START)
        self.url = self.databases.fresh()
        self.open = connect_database(self.url, self.models)
        self.run(self.open.__aenter__())
        self.runtime: Runtime = build_runtime(
            Settings(database_url=self.url, secret_file=self.keys_file), clock=self.clock
        )
        self.maker, self.reviewer = staff("lin"), staff("zhou")
        number = synthetic_identity_number(1)
        person = NewResident("王小丽", "13800000001", number, "410611001001")
        self.resident = self.run(create_resident(self.runtime.keys, person, at=START))
        self.sheet = f"姓名,身份证号,事迹\n王小丽,{number},善行\n".encode()
        self.ended: dict[Any, str] = {}

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.loop.run_until_complete(work)

    def attempt(self, work: Coroutine[Any, Any, object]) -> None:
        """Do it, or be refused for a reason."""
        with suppress(DomainError):
            self.run(work)

    def entries(self) -> list[HonorEntry]:
        async def fetch() -> list[HonorEntry]:
            return await HonorEntry.all().order_by("created_at", "id")

        return self.run(fetch())

    def turn(self, identity: Any) -> int:
        return self.run(HonorList.get(id=identity)).turn  # type: ignore[arg-type]

    @rule()
    def make(self) -> None:
        now = self.clock.now()
        self.attempt(
            make_list(
                self.runtime.keys, self.maker, kind=KIND, title="优秀志愿者", content=self.sheet,
                filename="a.csv", at=now, today=now.date(),
            )
        )  # fmt: skip

    @precondition(lambda self: self.entries())
    @rule(verb=st.sampled_from(["submit", "approve", "approve own", "send back"]))
    def review(self, verb: str) -> None:
        identity, now = self.entries()[-1].honor_list_id, self.clock.now()
        if verb == "submit":
            self.attempt(submit_list(identity, self.maker, at=now))
        elif verb == "send back":
            self.attempt(send_back(identity, self.reviewer, comment="再看", at=now))
        else:
            who = self.reviewer if verb == "approve" else self.maker
            self.attempt(approve_list(self.runtime, identity, who, turn=self.turn(identity), at=now))

    @rule(days=st.integers(1, 200))
    def wait(self, days: int) -> None:
        self.clock.advance(timedelta(days=days))
        self.run(publish_due(self.runtime))
        self.run(expire_entries(self.runtime))

    @precondition(lambda self: self.entries())
    @rule()
    def contest(self) -> None:
        party = Party("resident:x", "410611", resident_id=self.resident)
        self.attempt(object_to_entry(self.runtime, party, self.entries()[-1].id, reason="不实", at=self.clock.now()))

    @rule(upheld=st.booleans())
    def decide(self, upheld: bool) -> None:
        async def first() -> Objection | None:
            return await Objection.filter(state="open").first()

        objection = self.run(first())
        if objection is not None:
            now = self.clock.now()
            self.attempt(
                decide_objection(self.runtime, objection.id, self.reviewer, upheld=upheld, reason="查", at=now)
            )

    @precondition(lambda self: self.entries())
    @rule(event=st.sampled_from(["repair", "revoke", "expire"]))
    def end(self, event: str) -> None:
        entry = self.entries()[-1]
        self.attempt(end_entry(self.runtime, entry.id, event, actor="test", reason="更正", at=self.clock.now()))

    @invariant()
    def nothing_leaves_an_end_state(self) -> None:
        for entry in self.entries():
            if entry.id in self.ended:
                assert entry.state == self.ended[entry.id]
            if entry.state in ENDS:
                self.ended[entry.id] = entry.state

    @invariant()
    def one_live_entry_at_most_and_shown_just_when_it_may_be(self) -> None:
        live = [entry for entry in self.entries() if entry.state not in ENDS]
        assert len(live) <= 1
        may_be_seen = [e for e in live if e.state in ("noticed", "published") and not e.display_suspended]
        assert len(self.run(public_entries(KIND, page=1, at=self.clock.now()))) == len(may_be_seen)

    @invariant()
    def a_display_is_suspended_just_while_an_objection_is_open(self) -> None:
        async def contested() -> set[Any]:
            return set(await Objection.filter(state="open").values_list("entry_id", flat=True))

        waiting = self.run(contested())
        for entry in self.entries():
            if entry.state not in ENDS:
                assert entry.display_suspended == (entry.id in waiting)

    def teardown(self) -> None:
        self.run(self.runtime.close())
        self.run(self.open.__aexit__(None, None, None))
        self.loop.close()
        self.databases.drop(self.url)


def test_any_life_of_an_entry(sqlite_databases: SqliteDatabases, models: list[str], key_ring_file: Any) -> None:
    ListMachine.databases, ListMachine.models, ListMachine.keys_file = sqlite_databases, models, key_ring_file
    run_state_machine_as_test(
        ListMachine,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
