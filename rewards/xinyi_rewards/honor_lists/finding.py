"""Let entries find their subjects: who was listed before she was a resident has them from her first sign-in on."""

from __future__ import annotations

from xinyi_platform import audit
from xinyi_platform.identity import ResidentSignedIn, resident_profile
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import EntriesNoticed, EntryFound
from xinyi_rewards.honor_lists.states import SHOWN
from xinyi_rewards.honor_lists.subjects import NAME_FIELD, identity_index


class Finder:
    """Listens to sign-ins."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def signed_in(self, news: ResidentSignedIn) -> None:
        """Bind the entries about her that knew no resident yet; joins the sign-in's transaction.

        Number and name must both be hers: one of them alone may be a clerk's error.
        """
        keys = self._runtime.keys
        person = await resident_profile(self._runtime, news.resident_id)
        unbound = everywhere(HonorEntry).filter(
            identity_index=identity_index(keys, person.identity_number),
            state__in=SHOWN,
            resident_id=None,
            merchant_id=None,
        )
        for entry in await unbound:
            if keys.decrypt(entry.name_cipher, field=NAME_FIELD) == person.name:
                await self._bind(entry, news)

    async def _bind(self, entry: HonorEntry, news: ResidentSignedIn) -> None:
        hers = everywhere(HonorEntry).filter(id=entry.id, resident_id=None, state=entry.state)
        if not await hers.update(resident_id=news.resident_id):
            return
        await audit.record(
            "honor_entry.find", actor="platform", object_kind="honor_entry", object_id=entry.id, detail={}, at=news.at
        )
        if entry.state == "noticed" and entry.publish_at is not None:
            told = EntriesNoticed(entry.kind, ((entry.id, news.resident_id),), entry.publish_at, news.at)
            await self._runtime.events.publish(told)
        if entry.state == "published" and entry.valid_until is not None:
            found = EntryFound(entry.id, entry.kind, news.resident_id, entry.valid_until, news.at)
            await self._runtime.events.publish(found)
