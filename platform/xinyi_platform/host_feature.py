"""The host's own capabilities, registered through the same door as every feature."""

from __future__ import annotations

from pathlib import Path

from litestar.config.app import AppConfig

from xinyi_platform import health, well_known
from xinyi_platform.audit import seal_trail
from xinyi_platform.consents import ConsentWithdrawn, expire_consents
from xinyi_platform.consents import api as consents
from xinyi_platform.consents.reminding import remind_of_consents
from xinyi_platform.credit import api as credit
from xinyi_platform.credit import forget_snapshot
from xinyi_platform.division_policies import api as division_policies_api
from xinyi_platform.division_policies import pages as division_policies_pages
from xinyi_platform.division_policies.states import DECIDERS as POLICY_DECIDERS
from xinyi_platform.division_policies.tasks import policy_tasks
from xinyi_platform.features import Feature, Job, NavEntry, Seeder, SlotFiller
from xinyi_platform.files import NamedFiles
from xinyi_platform.files.forgetting import forget_unnamed
from xinyi_platform.guardianships import api as guardianships_api
from xinyi_platform.guardianships import pages as guardianships_pages
from xinyi_platform.guardianships.states import DECIDERS as GUARDIANSHIP_DECIDERS
from xinyi_platform.guardianships.tasks import guardianship_tasks
from xinyi_platform.idempotency import forget_expired
from xinyi_platform.identity import api as identity_api
from xinyi_platform.identity import pages as identity_pages
from xinyi_platform.identity.commands import COMMANDS as IDENTITY_COMMANDS
from xinyi_platform.identity.forgetting import forget_sign_ins
from xinyi_platform.identity.seeding import seed_residents, seed_staff
from xinyi_platform.language import Text
from xinyi_platform.notices import api as notices_api
from xinyi_platform.notices import pages as notices_pages
from xinyi_platform.notices.delivering import deliver_notices
from xinyi_platform.notices.forgetting import forget_notices
from xinyi_platform.outbox import api as outbox_api
from xinyi_platform.outbox.delivering import deliver_due, route_events
from xinyi_platform.runtime import Runtime
from xinyi_platform.tasks import TaskSource
from xinyi_platform.tasks import pages as tasks_pages
from xinyi_platform.web import add_headers
from xinyi_platform.web import pages as web_pages

_HERE = Path(__file__).parent


async def _seal(_: Runtime) -> int:
    return await seal_trail()


async def _deliver(runtime: Runtime) -> int:
    await route_events(runtime.clock.now())
    return await deliver_due(runtime.keys, runtime.clock.now())


async def _expire_consents(runtime: Runtime) -> int:
    return await expire_consents(runtime.clock.now())


async def _remind_of_consents(runtime: Runtime) -> int:
    return await remind_of_consents(runtime.clock.now())


async def _forget_sign_ins(runtime: Runtime) -> int:
    return await forget_sign_ins(runtime.clock.now())


async def _forget_answers(runtime: Runtime) -> int:
    return await forget_expired(runtime.clock.now())


class HostFeature(Feature):
    """Identity, consent, bureau, audit, outbox, files and the web shell."""

    name = "platform"
    models = (
        "xinyi_platform.audit.models",
        "xinyi_platform.outbox.models",
        "xinyi_platform.idempotency.models",
        "xinyi_platform.jobs.models",
        "xinyi_platform.files.models",
        "xinyi_platform.identity.models",
        "xinyi_platform.consents.models",
        "xinyi_platform.credit.models",
        "xinyi_platform.notices.models",
        "xinyi_platform.guardianships.models",
        "xinyi_platform.division_policies.models",
    )
    template_folders = tuple(
        _HERE / room / "templates"
        for room in ("web", "identity", "consents", "credit", "notices", "guardianships", "division_policies", "tasks")
    )
    route_handlers = (
        *web_pages.ROUTES,
        *identity_api.ROUTES,
        *identity_pages.ROUTES,
        *consents.ROUTES,
        *credit.ROUTES,
        *notices_api.ROUTES,
        *notices_pages.ROUTES,
        *guardianships_api.ROUTES,
        *guardianships_pages.ROUTES,
        *division_policies_api.ROUTES,
        *division_policies_pages.ROUTES,
        *tasks_pages.ROUTES,
        *outbox_api.ROUTES,
        health.live,
        health.ready,
        health.metrics,
        well_known.jwks,
        well_known.robots,
    )
    navigation = (
        NavEntry(
            surface="app",
            path="/app/notices",
            label=Text("消息", "Messages"),
            order=70,
            count=notices_pages.count_unread,
        ),
        NavEntry(surface="app", path="/app/access-log", label=Text("谁查过我", "Who looked"), order=80),
        NavEntry(surface="app", path="/app/guardianships", label=Text("监护", "Guardians"), order=85),
        NavEntry(surface="app", path="/app/consents", label=Text("授权", "Consents"), order=90),
        NavEntry(
            surface="console",
            path="/console/tasks",
            label=Text("我的待办", "My tasks"),
            order=1,
        ),
        NavEntry(
            surface="console",
            path="/console/guardianships",
            label=Text("监护关系", "Guardianships"),
            order=60,
            roles=frozenset(GUARDIANSHIP_DECIDERS),
        ),
        NavEntry(
            surface="console",
            path="/console/policies",
            label=Text("辖区规定", "Policies"),
            order=70,
            roles=frozenset(POLICY_DECIDERS),
        ),
    )
    slots = (
        SlotFiller(slot="app.home", template="notices/home_card.html", load=notices_pages.home_card, order=1),
        SlotFiller(slot="console.home", template="tasks/card.html", load=tasks_pages.tasks_card, order=1),
    )
    tasks = (
        TaskSource(name="guardianships", roles=frozenset(GUARDIANSHIP_DECIDERS), load=guardianship_tasks),
        TaskSource(name="policies", roles=frozenset(POLICY_DECIDERS), load=policy_tasks),
    )
    jobs = (
        Job(name="audit.seal", every_seconds=10, run=_seal),
        Job(name="outbox.deliver", every_seconds=2, run=_deliver),
        Job(name="consents.expire", every_seconds=300, run=_expire_consents),
        Job(name="consents.remind", every_seconds=600, run=_remind_of_consents),
        Job(name="notices.deliver", every_seconds=5, run=deliver_notices),
        Job(name="notices.forget", every_seconds=3_600, run=forget_notices),
        Job(name="identity.forget", every_seconds=3_600, run=_forget_sign_ins),
        Job(name="files.forget", every_seconds=3_600, run=forget_unnamed),
        Job(name="idempotency.forget", every_seconds=3_600, run=_forget_answers),
    )
    commands = IDENTITY_COMMANDS
    uncrawled = ("/app", "/portal", "/console", "/api", "/partner", "/staff")
    seeders = (
        Seeder(name="residents", order=10, run=seed_residents),
        Seeder(name="staff", order=20, run=seed_staff),
    )

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.before_send.append(add_headers)
        return super().on_app_init(app_config)

    def prepare(self, runtime: Runtime) -> None:
        runtime.parts[NamedFiles] = NamedFiles()
        runtime.events.listen(ConsentWithdrawn, forget_snapshot)
