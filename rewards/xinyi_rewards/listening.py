"""Who hears what: the news of entries, merchants and sign-ins, in the order in which the rooms act on it."""

from __future__ import annotations

from xinyi_merchants.registry import MerchantChanged, MerchantsChanged
from xinyi_merchants.risk_classes.lots import InspectionRelief
from xinyi_platform.files import FileColumn, NamedFiles
from xinyi_platform.identity import ResidentSignedIn
from xinyi_platform.runtime import Runtime
from xinyi_rewards.assistance.agency import lapse_agency
from xinyi_rewards.assistance.booking import free_places
from xinyi_rewards.assistance.models import AgencyPaper
from xinyi_rewards.assistance.reading import trainings_named
from xinyi_rewards.cases.models import CasePerson, CasePicture
from xinyi_rewards.gatherings.holding import Attended
from xinyi_rewards.honor_lists.finding import Finder
from xinyi_rewards.honor_lists.judging import judge_again
from xinyi_rewards.honor_lists.models import EntryDocument
from xinyi_rewards.honor_lists.publishing import (
    DisplayChanged,
    EntriesNoticed,
    EntryEnded,
    EntryFound,
    EntryPublished,
)
from xinyi_rewards.honor_lists.telling import tell_ended, tell_noticed, tell_published
from xinyi_rewards.points import earning as points
from xinyi_rewards.recalls.recalling import Recaller
from xinyi_rewards.recalls.receiving import send_display, send_published
from xinyi_rewards.repairs.deferring import break_with_measure, lapse_deferral
from xinyi_rewards.repairs.handling import lapse_with_entry
from xinyi_rewards.repairs.models import RepairPaper
from xinyi_rewards.repairs.packaging import TrainingRecord
from xinyi_rewards.revocations.revoking import lapse_revocation
from xinyi_rewards.rewards.ending import withdraw_rewards
from xinyi_rewards.rewards.promising import promise_rewards
from xinyi_rewards.support.granting import SupportKeeper, relieved

_FILES = (
    FileColumn(model=EntryDocument, field="file_id", purpose="honor_entry.document"),
    FileColumn(model=RepairPaper, field="file_id", purpose="repair.paper"),
    FileColumn(model=AgencyPaper, field="file_id", purpose="repair.paper"),
    FileColumn(model=CasePicture, field="file_id", purpose="case.picture"),
    FileColumn(model=CasePerson, field="paper_file_id", purpose="case.consent"),
)


def listen(runtime: Runtime) -> None:
    """Register the feature's listeners and what it puts into the parts of others."""
    runtime.events.listen(EntriesNoticed, tell_noticed)
    runtime.events.listen(EntryPublished, promise_rewards)
    runtime.events.listen(EntryEnded, withdraw_rewards)
    runtime.events.listen(EntryPublished, points.entry_published)
    runtime.events.listen(EntryEnded, points.entry_ended)
    runtime.events.listen(Attended, points.attended)
    runtime.events.listen(EntryEnded, tell_ended)
    runtime.events.listen(EntryPublished, tell_published)
    runtime.events.listen(ResidentSignedIn, Finder(runtime).signed_in)
    runtime.events.listen(EntryFound, promise_rewards)
    runtime.events.listen(EntryFound, points.entry_published)
    runtime.events.listen(EntryFound, tell_published)
    runtime.events.listen(DisplayChanged, judge_again)

    runtime.events.listen(EntryPublished, send_published)
    runtime.events.listen(DisplayChanged, send_display)
    runtime.events.listen(EntryEnded, Recaller(runtime.keys, runtime.settings.public_url).entry_ended)

    runtime.events.listen(EntryEnded, lapse_with_entry)
    runtime.events.listen(EntryEnded, lapse_deferral)
    runtime.events.listen(EntryEnded, lapse_revocation)
    runtime.events.listen(EntryPublished, break_with_measure)
    runtime.events.listen(EntryEnded, lapse_agency)
    runtime.events.listen(EntryEnded, free_places)
    runtime.part(NamedFiles).add(*_FILES)
    runtime.parts[TrainingRecord] = TrainingRecord(trainings_named)

    keeper = SupportKeeper(runtime.clock)
    runtime.events.listen(MerchantChanged, keeper.merchant_changed)
    runtime.events.listen(MerchantsChanged, keeper.merchants_changed)
    runtime.parts[InspectionRelief] = InspectionRelief(relieved)

    async def shown_or_gone(news: EntryPublished | EntryEnded | DisplayChanged) -> None:
        if news.merchant_id is not None:
            await runtime.events.publish(MerchantChanged(news.merchant_id))

    runtime.events.listen(EntryPublished, shown_or_gone)
    runtime.events.listen(EntryEnded, shown_or_gone)
    runtime.events.listen(DisplayChanged, shown_or_gone)
