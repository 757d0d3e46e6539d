"""What is shown of lists: to the public masked, to the subject her own, to staff their area's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.keys import KeyRing
from xinyi_platform.principals import Staff
from xinyi_platform.schemas import Answer
from xinyi_platform.tenancy import area_of, everywhere
from xinyi_rewards.honor_lists.hanging import scenes_barred, scenes_given
from xinyi_rewards.honor_lists.kinds import ListKind, kind_of
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList, Objection
from xinyi_rewards.honor_lists.naming import shown_of
from xinyi_rewards.honor_lists.public_texts import how_to_object
from xinyi_rewards.honor_lists.subjects import search_index
from xinyi_scenarios.manifests import Catalogue

PAGE_SIZE = 50
SEARCHES_A_MINUTE, SEARCHES_OF_ALL_A_MINUTE = 60, 6_000


class PublicEntry(Answer, kw_only=True, frozen=True):
    """One entry as anybody may see it. `state` is noticed (公示中) or published; names and numbers are masked.

    `is_hidden`: its subject lets only be told that there is an entry. `objection_until`: the last day of the term to
    object, where a decision names one.
    """

    is_hidden: bool
    name: str
    identity_number: str
    deed: str
    state: str
    authority: str
    document_no: str
    published_at: datetime | None
    publish_at: datetime | None
    valid_until: datetime | None
    legal_basis: str
    determined_on: date | None
    repairable_from: date | None
    ends_on: date | None
    committed_on: date | None
    objection_until: date | None


class PublicList(Answer, kw_only=True, frozen=True):
    """One kind of list with its rules, how to object and by when, and how many entries are shown; terms in days.

    `browse`: all entries can be paged through, or those of merchants; persons are then found by exact name and last
    four alone. `gives` are the scenes that a place on it gives, `bars` those that ask not to be on it.
    """

    kind: str
    colour: str
    name_zh: str
    name_en: str
    criteria_zh: str
    criteria_en: str
    unit_zh: str
    unit_en: str
    legal_basis: str
    notice_days: int
    objection_days: int
    validity_days: int
    how_to_object_zh: str
    how_to_object_en: str
    subjects: str
    browse: str
    gives: list[str]
    bars: list[str]
    shown: int


def shown_at(at: datetime) -> QuerySet[HonorEntry]:
    """Return the entries that anybody may see at an instant, also where the job that ends them is late.

    Of a red list the notice is public; of a black one it is for the subject alone.
    """
    public = Q(state="published", valid_until__gt=at) | Q(state="noticed", kind__startswith="red-")
    return everywhere(HonorEntry).filter(public, display_suspended=False)


async def public_lists(kinds: list[ListKind], catalogue: Catalogue, *, at: datetime) -> list[PublicList]:
    """Return the kinds with what hangs on each and the number of entries shown."""
    return [
        PublicList(
            kind=kind.slug,
            colour=kind.colour,
            name_zh=kind.name_zh,
            name_en=kind.name_en,
            criteria_zh=kind.criteria_zh,
            criteria_en=kind.criteria_en,
            unit_zh=kind.unit_zh,
            unit_en=kind.unit_en,
            legal_basis=kind.legal_basis,
            notice_days=kind.notice_days,
            objection_days=kind.objection_days,
            validity_days=kind.validity_days,
            how_to_object_zh=how_to_object(kind).zh,
            how_to_object_en=how_to_object(kind).en,
            subjects=kind.subjects,
            browse=kind.browse,
            gives=scenes_given(kind, on=local_date(at)),
            bars=scenes_barred(kind, catalogue),
            shown=await shown_at(at).filter(kind=kind.slug).count(),
        )
        for kind in kinds
    ]


async def public_entries(kind: str, *, page: int, at: datetime) -> list[PublicEntry]:
    """Return one page of those of a kind's entries that can be paged through, newest first.

    Raises NotFound (404) for an unknown kind.
    """
    shown = shown_at(at).filter(kind=kind)
    if kind_of(kind).browse == "merchants":
        shown = shown.filter(merchant_id__isnull=False)
    rows = await shown.order_by("-created_at", "id").offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    return [_public(row) for row in rows]


async def search_entries(keys: KeyRing, *, name: str, last_four: str, at: datetime) -> list[PublicEntry]:
    """Find shown entries by exact name and the identity number's last four characters.

    Who lets her name not be published is not found by it.
    """
    index = search_index(keys, name=name.strip(), last_four=last_four.strip())
    rows = await shown_at(at).filter(search_index=index).exclude(name_form="hidden").limit(PAGE_SIZE)
    return [_public(row) for row in rows]


def _public(row: HonorEntry) -> PublicEntry:
    shown = shown_of(row)
    return PublicEntry(
        is_hidden=row.name_form == "hidden",
        name=shown.name,
        identity_number=shown.identity_number,
        deed=shown.deed,
        state=row.state,
        authority=row.authority,
        document_no=row.document_no,
        published_at=row.published_at,
        publish_at=row.publish_at,
        valid_until=row.valid_until,
        legal_basis=row.legal_basis,
        determined_on=row.determined_on,
        repairable_from=row.repairable_from,
        ends_on=row.ends_on,
        committed_on=row.committed_on,
        objection_until=row.objection_until,
    )


async def facts_about_merchant(merchant_id: UUID, *, at: datetime) -> list[HonorEntry]:
    """Return the published, uncontested entries about a merchant, the newest determination first."""
    return (
        await shown_at(at)
        .filter(merchant_id=merchant_id, state="published")
        .order_by("-determined_on")
        .limit(PAGE_SIZE)
    )


async def division_of(entry_id: UUID) -> str:
    """Return the area whose list an entry stands on."""
    entry = await everywhere(HonorEntry).get(id=entry_id)
    return (await everywhere(HonorList).get(id=entry.honor_list_id)).division


async def my_entries(resident_id: UUID) -> list[HonorEntry]:
    """Return a resident's own entries, newest first."""
    return await HonorEntry.filter(resident_id=resident_id).order_by("-created_at").limit(PAGE_SIZE)


LOOKS = (
    "honor_entry.view",
    "honor_entry.document_read",
    "honor_entry.letter_read",
    "honor_entry.repairs_view",
    "honor_entry.repair_view",
    "honor_entry.repair_paper_read",
    "honor_entry.repair_export",
    "honor_entry.help_view",
)
"""What counts as a look at one entry, beside every look at the list that it stands on.

The looks at a request for agency are told with the request, on the page of help.
"""


@dataclass(frozen=True, slots=True)
class Looks:
    """How often staff looked at an entry or the list that it stands on, and when last."""

    times: int
    last: datetime | None


async def looks_at(entry: HonorEntry) -> Looks:
    """Return how often staff looked at an entry, as its subject is told; the last hundred of each kind are counted."""
    acts = [
        *await audit.acts_on("honor_list", entry.honor_list_id, actions=["honor_list.view"]),
        *await audit.acts_on("honor_entry", entry.id, actions=[*LOOKS]),
    ]
    return Looks(len(acts), max((act.at for act in acts), default=None))


async def entries_about_merchant(merchant_id: UUID) -> list[HonorEntry]:
    """Return what a merchant may see of itself from the first day of notice on, also what is over, newest first."""
    mine = HonorEntry.filter(merchant_id=merchant_id).exclude(state__in=("draft", "in_review"))
    return await mine.exclude(end_reason="withdrawn").order_by("-created_at").limit(PAGE_SIZE)


async def newest_objections(entries: Sequence[HonorEntry]) -> dict[UUID, Objection]:
    """Return the newest objection to each entry that has one."""
    rows = await Objection.filter(entry_id__in=[entry.id for entry in entries]).order_by("created_at")
    return {row.entry_id: row for row in rows}


async def staff_lists(staff: Staff) -> list[HonorList]:
    """Return the lists of the area that a member of staff serves, newest first."""
    return await area_of(staff).bind(HonorList.all()).order_by("-created_at").limit(200)


async def open_objections(staff: Staff) -> list[Objection]:
    """Return the open objections to entries of a member of staff's area, with entries and lists, by their day."""
    mine = area_of(staff).bind(Objection.filter(state="open"), "entry__honor_list__division")
    return await mine.order_by("decide_by", "created_at").prefetch_related("entry__honor_list").limit(200)


async def kinds_listed(resident_ids: Sequence[UUID], colour: str, *, at: datetime) -> dict[UUID, list[str]]:
    """Return by resident the kinds of a colour on which an entry is published and not contested."""
    listed = shown_at(at).filter(resident_id__in=list(resident_ids), state="published", kind__startswith=f"{colour}-")
    rows = await listed.values_list("resident_id", "kind")
    found: dict[UUID, list[str]] = {resident_id: [] for resident_id in resident_ids}
    for resident_id, kind in rows:
        found[resident_id].append(kind)
    return found
