"""The rewards feature: what it brings to the platform."""

from __future__ import annotations

from pathlib import Path

from xinyi_merchants.registry import MerchantChanged
from xinyi_platform.division_policies import register_topic
from xinyi_platform.features import Feature, Job, NavEntry, Seeder, SlotFiller
from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists import api, mirroring_pages, pages, portal_pages, staff_api
from xinyi_rewards.honor_lists.area_terms import LIST_KINDS
from xinyi_rewards.honor_lists.publishing import EntriesNoticed, EntryEnded, EntryPublished, expire_entries, publish_due
from xinyi_rewards.honor_lists.requirements import register_list_requirements
from xinyi_rewards.honor_lists.seeding import seed_lists
from xinyi_rewards.honor_lists.states import DECIDERS, MAKERS
from xinyi_rewards.honor_lists.telling import tell_ended, tell_noticed, tell_published
from xinyi_rewards.rewards.granting import grant_due, withdraw_reward

_HERE = Path(__file__).parent
_MAKERS = frozenset(MAKERS)
_DECIDERS = frozenset(DECIDERS)


async def _publish(runtime: Runtime) -> int:
    return await publish_due(runtime) + await expire_entries(runtime)


async def _grant(runtime: Runtime) -> int:
    return await grant_due(runtime)


class RewardsFeature(Feature):
    """Honor lists and what they give."""

    name = "rewards"
    models = ("xinyi_rewards.honor_lists.models", "xinyi_rewards.rewards.models")
    template_folders = (_HERE / "honor_lists" / "templates",)
    route_handlers = (
        api.HonorListController,
        api.MyHonorController,
        *staff_api.ROUTES,
        *pages.ROUTES,
        *mirroring_pages.ROUTES,
        portal_pages.PortalListingPages,
    )
    navigation = (
        NavEntry(surface="portal", path="/portal/listings", label=Text("名单公示", "Listings"), order=48),
        NavEntry(surface="app", path="/app/honors", label=Text("荣誉与公示", "Honors"), order=30),
        NavEntry(surface="console", path="/console/lists", label=Text("名单", "Lists"), order=10, roles=_MAKERS),
        NavEntry(
            surface="console", path="/console/objections", label=Text("异议", "Objections"), order=20, roles=_DECIDERS
        ),
    )
    slots = (
        SlotFiller(
            slot="portal.home",
            template="honor_lists/portal_listing_card.html",
            load=portal_pages.listing_card,
            order=16,
        ),
        SlotFiller(slot="app.home", template="honor_lists/app_card.html", load=pages.app_card, order=20),
        SlotFiller(slot="console.home", template="honor_lists/console_card.html", load=pages.console_card),
        SlotFiller(
            slot="merchant.page",
            template="honor_lists/merchant_facts.html",
            load=mirroring_pages.merchant_facts,
            order=5,
        ),
    )
    jobs = (
        Job(name="honor_lists.publish", every_seconds=30, run=_publish),
        Job(name="rewards.grant", every_seconds=60, run=_grant),
    )
    seeders = (Seeder(name="honor lists", order=50, run=seed_lists),)

    def register_types(self) -> None:
        register_list_requirements()
        register_topic(LIST_KINDS)

    def prepare(self, runtime: Runtime) -> None:
        self.register_types()
        runtime.events.listen(EntriesNoticed, tell_noticed)
        runtime.events.listen(EntryEnded, withdraw_reward)
        runtime.events.listen(EntryEnded, tell_ended)
        runtime.events.listen(EntryPublished, tell_published)

        async def shown_or_gone(news: EntryPublished | EntryEnded) -> None:
            if news.merchant_id is not None:
                await runtime.events.publish(MerchantChanged(news.merchant_id))

        runtime.events.listen(EntryPublished, shown_or_gone)
        runtime.events.listen(EntryEnded, shown_or_gone)
