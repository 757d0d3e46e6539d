"""The sweeps of the rewards feature, with how often each is run."""

from __future__ import annotations

from xinyi_platform.features import Job
from xinyi_platform.runtime import Runtime
from xinyi_rewards.assistance.booking import remind_of_trainings
from xinyi_rewards.campaigns.deciding import end_due
from xinyi_rewards.campaigns.spending import return_unused
from xinyi_rewards.cases.asking import ask_anew
from xinyi_rewards.cases.consenting import withdraw_unagreed
from xinyi_rewards.cases.forgetting import forget_ended
from xinyi_rewards.feed.following import follow_feed
from xinyi_rewards.figures.freezing import freeze_months
from xinyi_rewards.gatherings.holding import finish_due
from xinyi_rewards.honor_lists.publishing import (
    end_red_of_listed,
    expire_entries,
    publish_due,
)
from xinyi_rewards.recalls.recalling import chase_due
from xinyi_rewards.repairs.deferring import remind_promises
from xinyi_rewards.repairs.reminding import remind_due
from xinyi_rewards.rewards.ending import end_groundless
from xinyi_rewards.rewards.granting import grant_due
from xinyi_rewards.rewards.promising import refresh_rewards
from xinyi_rewards.rewards.renewing import renew_rewards
from xinyi_rewards.support.granting import refresh_all
from xinyi_rewards.uploads.working import work_off


async def _publish(runtime: Runtime) -> int:
    return await expire_entries(runtime) + await end_red_of_listed(runtime) + await publish_due(runtime)


async def _grant(runtime: Runtime) -> int:
    return await grant_due(runtime)


async def _refresh(runtime: Runtime) -> int:
    return await end_groundless(runtime) + await renew_rewards(runtime) + await refresh_rewards(runtime)


async def _finish(runtime: Runtime) -> int:
    return await finish_due(runtime.clock.now())


async def _end_campaigns(runtime: Runtime) -> int:
    now = runtime.clock.now()
    return await end_due(now) + await return_unused(now)


async def _keep_consents(runtime: Runtime) -> int:
    return await withdraw_unagreed(runtime) + await ask_anew(runtime)


async def _remind(runtime: Runtime) -> int:
    return await remind_due(runtime) + await remind_promises(runtime)


JOBS = (
    Job(name="honor_lists.publish", every_seconds=30, run=_publish),
    Job(name="list_uploads.work", every_seconds=2, run=work_off),
    Job(name="rewards.grant", every_seconds=60, run=_grant),
    Job(name="rewards.refresh", every_seconds=3_600, run=_refresh),
    Job(name="campaigns.end", every_seconds=3_600, run=_end_campaigns),
    Job(name="bureau.feed", every_seconds=600, run=follow_feed),
    Job(name="cases.consents", every_seconds=600, run=_keep_consents),
    Job(name="cases.forget", every_seconds=600, run=forget_ended),
    Job(name="gatherings.finish", every_seconds=600, run=_finish),
    Job(name="support.refresh", every_seconds=3_600, run=refresh_all),
    Job(name="figures.freeze", every_seconds=3_600, run=freeze_months),
    Job(name="recalls.chase", every_seconds=60, run=chase_due),
    Job(name="repairs.remind", every_seconds=600, run=_remind),
    Job(name="assistance.remind", every_seconds=600, run=remind_of_trainings),
)
