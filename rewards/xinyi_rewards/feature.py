"""The rewards feature: what it brings to the platform."""

from __future__ import annotations

from pathlib import Path

from xinyi_platform.division_policies import register_topic
from xinyi_platform.features import Feature, Seeder
from xinyi_platform.runtime import Runtime
from xinyi_rewards.assistance import api as help_api
from xinyi_rewards.assistance import staff_pages as help_staff_pages
from xinyi_rewards.assistance import subject_pages as help_pages
from xinyi_rewards.assistance import training_pages
from xinyi_rewards.assistance.seeding import seed_trainings
from xinyi_rewards.campaigns import api as campaign_api
from xinyi_rewards.campaigns import console_pages as campaign_console
from xinyi_rewards.campaigns import pages as campaign_pages
from xinyi_rewards.campaigns.seeding import seed_campaigns
from xinyi_rewards.cases import api as case_api
from xinyi_rewards.cases import console_pages as case_console
from xinyi_rewards.cases import pages as case_pages
from xinyi_rewards.cases.seeding import seed_cases
from xinyi_rewards.deaths import pages as death_pages
from xinyi_rewards.feed import pages as feed_pages
from xinyi_rewards.figures import open_data
from xinyi_rewards.figures import pages as figure_pages
from xinyi_rewards.figures.seeding import seed_open_data
from xinyi_rewards.gatherings import api as gathering_api
from xinyi_rewards.gatherings import pages as gathering_pages
from xinyi_rewards.gatherings.seeding import seed_gatherings
from xinyi_rewards.honor_lists import api, console_pages, entry_pages, mirroring_pages, pages, portal_pages, staff_api
from xinyi_rewards.honor_lists.area_terms import LIST_KINDS
from xinyi_rewards.honor_lists.requirements import register_list_requirements
from xinyi_rewards.honor_lists.seeding import seed_lists
from xinyi_rewards.listening import listen
from xinyi_rewards.points import pages as point_pages
from xinyi_rewards.recalls import pages as recall_pages
from xinyi_rewards.recalls import partner_api as recall_api
from xinyi_rewards.recalls.seeding import seed_readers
from xinyi_rewards.repairs import api as repair_api
from xinyi_rewards.repairs import staff_pages as repair_staff_pages
from xinyi_rewards.repairs import subject_pages as repair_pages
from xinyi_rewards.revocations import api as revocation_api
from xinyi_rewards.revocations import pages as revocation_pages
from xinyi_rewards.rewards.ending import follow_reversal
from xinyi_rewards.support import api as support_api
from xinyi_rewards.support import pages as support_pages
from xinyi_rewards.support.seeding import seed_support
from xinyi_rewards.surfaces import NAVIGATION, SLOTS, TASKS
from xinyi_rewards.sweeps import JOBS
from xinyi_rewards.uploads import api as upload_api
from xinyi_rewards.uploads import pages as upload_pages
from xinyi_scenarios.entitlements.changing import follow_named

_HERE = Path(__file__).parent
_ROOMS = (
    "honor_lists",
    "recalls",
    "repairs",
    "deaths",
    "support",
    "cases",
    "gatherings",
    "points",
    "feed",
    "revocations",
    "uploads",
    "campaigns",
    "assistance",
    "figures",
)
_TABLES = (*_ROOMS, "rewards")


class RewardsFeature(Feature):
    """Honor lists and what they give."""

    name = "rewards"
    models = tuple(f"xinyi_rewards.{room}.models" for room in _TABLES)
    template_folders = tuple(_HERE / room / "templates" for room in _ROOMS)
    route_handlers = (
        api.HonorListController,
        api.MyHonorController,
        api.MyObjectionController,
        *staff_api.ROUTES,
        *pages.ROUTES,
        *console_pages.ROUTES,
        *entry_pages.ROUTES,
        *mirroring_pages.ROUTES,
        portal_pages.PortalListingPages,
        *death_pages.ROUTES,
        *recall_api.ROUTES,
        *recall_pages.ROUTES,
        repair_api.MyRepairController,
        *repair_pages.ROUTES,
        *repair_staff_pages.ROUTES,
        help_api.MyHelpController,
        *help_pages.ROUTES,
        *help_staff_pages.ROUTES,
        *training_pages.ROUTES,
        *support_pages.ROUTES,
        *feed_pages.ROUTES,
        *upload_pages.ROUTES,
        *upload_api.ROUTES,
        *revocation_pages.ROUTES,
        *revocation_api.ROUTES,
        *point_pages.ROUTES,
        *gathering_pages.ROUTES,
        gathering_api.MyGatheringController,
        *case_pages.ROUTES,
        *case_console.ROUTES,
        *case_api.ROUTES,
        *campaign_pages.ROUTES,
        *campaign_console.ROUTES,
        *campaign_api.ROUTES,
        *figure_pages.ROUTES,
        *open_data.ROUTES,
        *support_api.ROUTES,
    )
    navigation = NAVIGATION
    slots = SLOTS
    tasks = TASKS
    jobs = JOBS
    uncrawled = ("/lists",)
    seeders = (
        Seeder(name="honor lists", order=50, run=seed_lists),
        Seeder(name="receivers of lists", order=51, run=seed_readers),
        Seeder(name="support", order=52, run=seed_support),
        Seeder(name="cases", order=53, run=seed_cases),
        Seeder(name="gatherings", order=54, run=seed_gatherings),
        Seeder(name="campaigns", order=56, run=seed_campaigns),
        Seeder(name="trainings", order=55, run=seed_trainings),
        Seeder(name="open data", order=90, run=seed_open_data),
    )

    def register_types(self) -> None:
        register_list_requirements()
        register_topic(LIST_KINDS)
        follow_named("reward_of", follow_reversal)

    def prepare(self, runtime: Runtime) -> None:
        self.register_types()
        listen(runtime)
