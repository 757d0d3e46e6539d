"""What the rewards feature shows on the surfaces: navigation, pieces of other rooms' pages, and tasks."""

from __future__ import annotations

from xinyi_platform.features import NavEntry, SlotFiller
from xinyi_platform.language import Text
from xinyi_platform.principals import Role
from xinyi_platform.tasks import TaskSource
from xinyi_rewards.assistance import staff_pages as help_staff_pages
from xinyi_rewards.assistance import subject_pages as help_pages
from xinyi_rewards.assistance.tasks import agency_tasks
from xinyi_rewards.campaigns.states import READERS as CAMPAIGN_READERS
from xinyi_rewards.campaigns.tasks import campaign_tasks
from xinyi_rewards.cases.states import MAKERS as CASE_MAKERS
from xinyi_rewards.cases.tasks import case_tasks
from xinyi_rewards.deaths.tasks import death_tasks
from xinyi_rewards.feed.settling import feed_tasks
from xinyi_rewards.figures import pages as figure_pages
from xinyi_rewards.gatherings.states import HOSTS
from xinyi_rewards.gatherings.tasks import gathering_tasks
from xinyi_rewards.honor_lists import console_pages, mirroring_pages, pages, portal_pages
from xinyi_rewards.honor_lists.states import DECIDERS, MAKERS
from xinyi_rewards.honor_lists.tasks import list_tasks, objection_tasks, stuck_tasks
from xinyi_rewards.recalls import pages as recall_pages
from xinyi_rewards.recalls.tasks import recall_tasks
from xinyi_rewards.repairs import staff_pages as repair_staff_pages
from xinyi_rewards.repairs import subject_pages as repair_pages
from xinyi_rewards.repairs.portal_cards import reminder_card
from xinyi_rewards.repairs.states import HANDLERS
from xinyi_rewards.repairs.tasks import repair_tasks
from xinyi_rewards.revocations.tasks import revocation_tasks
from xinyi_rewards.support import pages as support_pages

_MAKERS = frozenset(MAKERS)
_DECIDERS = frozenset(DECIDERS)
NAVIGATION = (
    NavEntry(surface="public", path="/recommended-shops", label=Text("诚信商户推荐", "Recommended shops"), order=20),
    NavEntry(surface="public", path="/open-data", label=Text("开放数据", "Open data"), order=40),
    NavEntry(surface="portal", path="/portal/listings", label=Text("名单公示", "Listings"), order=48),
    NavEntry(
        surface="console",
        path="/console/figures",
        label=Text("统计", "Figures"),
        order=65,
        roles=frozenset(figure_pages.READERS),
    ),
    NavEntry(surface="portal", path="/portal/support", label=Text("支持政策", "Support"), order=46),
    NavEntry(
        surface="console",
        path="/console/support",
        label=Text("商户支持", "Support"),
        order=32,
        roles=frozenset(support_pages.CLERKS),
    ),
    NavEntry(
        surface="console",
        path="/console/cases",
        label=Text("典型案例", "Cases"),
        order=34,
        roles=frozenset(CASE_MAKERS),
    ),
    NavEntry(
        surface="console",
        path="/console/gatherings",
        label=Text("宣传活动", "Gatherings"),
        order=36,
        roles=frozenset(HOSTS),
    ),
    NavEntry(
        surface="console",
        path="/console/campaigns",
        label=Text("激励活动", "Campaigns"),
        order=38,
        roles=frozenset(CAMPAIGN_READERS),
    ),
    NavEntry(surface="public", path="/campaigns", label=Text("激励活动", "Campaigns"), order=42),
    NavEntry(surface="public", path="/cases", label=Text("诚信典型案例", "Exemplary cases"), order=40),
    NavEntry(surface="app", path="/app/points", label=Text("荣誉积分", "Points"), order=31),
    NavEntry(surface="app", path="/app/gatherings", label=Text("诚信活动", "Gatherings"), order=34),
    NavEntry(surface="app", path="/app/cases", label=Text("关于我的案例", "Stories"), order=32),
    NavEntry(surface="app", path="/app/honors", label=Text("荣誉与公示", "Honors"), order=30),
    NavEntry(surface="console", path="/console/lists", label=Text("名单", "Lists"), order=10, roles=_MAKERS),
    NavEntry(
        surface="console", path="/console/objections", label=Text("异议", "Objections"), order=20, roles=_DECIDERS
    ),
    NavEntry(
        surface="console", path="/console/revocations", label=Text("撤销", "Revocations"), order=21, roles=_MAKERS
    ),
    NavEntry(
        surface="console",
        path="/console/repairs",
        label=Text("信用修复", "Repairs"),
        order=22,
        roles=frozenset(HANDLERS),
        count=repair_staff_pages.waiting_here,
    ),
    NavEntry(
        surface="console",
        path="/console/help",
        label=Text("修复帮办", "Repair help"),
        order=23,
        roles=frozenset(HANDLERS),
        count=help_staff_pages.waiting_here,
    ),
    NavEntry(
        surface="console",
        path="/console/recalls",
        label=Text("停止使用", "Recalls"),
        order=24,
        roles=_MAKERS,
        count=recall_pages.waiting_for_me,
    ),
    NavEntry(
        surface="console",
        path="/console/feed",
        label=Text("平台推送", "Bureau’s feed"),
        order=25,
        roles=frozenset({Role.CREDIT_OFFICE}),
        city=True,
    ),
    NavEntry(
        surface="console",
        path="/console/deaths",
        label=Text("死亡登记", "Deaths"),
        order=26,
        roles=frozenset({Role.CREDIT_OFFICE}),
        city=True,
    ),
)
SLOTS = (
    SlotFiller(slot="listing", template="repairs/listing_piece.html", load=repair_pages.repair_piece, order=40),
    SlotFiller(slot="repair", template="assistance/repair_piece.html", load=help_pages.help_piece),
    SlotFiller(
        slot="portal.home",
        template="honor_lists/portal_listing_card.html",
        load=portal_pages.listing_card,
        order=16,
    ),
    SlotFiller(slot="portal.home", template="repairs/portal_reminders.html", load=reminder_card, order=15),
    SlotFiller(slot="portal.home", template="support/portal_card.html", load=support_pages.support_card, order=18),
    SlotFiller(slot="app.home", template="honor_lists/app_card.html", load=pages.app_card, order=20),
    SlotFiller(slot="listing", template="recalls/received.html", load=recall_pages.receivers_piece, order=80),
    SlotFiller(slot="console.home", template="honor_lists/console_card.html", load=console_pages.console_card),
    SlotFiller(
        slot="merchant.page",
        template="honor_lists/merchant_facts.html",
        load=mirroring_pages.merchant_facts,
        order=5,
    ),
)
TASKS = (
    TaskSource(name="lists", roles=_MAKERS, load=list_tasks),
    TaskSource(name="stuck entries", roles=_MAKERS, load=stuck_tasks),
    TaskSource(name="objections", roles=_DECIDERS, load=objection_tasks),
    TaskSource(name="repairs", roles=frozenset(HANDLERS), load=repair_tasks),
    TaskSource(name="revocations", roles=_MAKERS, load=revocation_tasks),
    TaskSource(name="campaigns", roles=frozenset(CAMPAIGN_READERS), load=campaign_tasks),
    TaskSource(name="agency", roles=frozenset(HANDLERS), load=agency_tasks),
    TaskSource(name="cases", roles=frozenset(CASE_MAKERS), load=case_tasks),
    TaskSource(name="gatherings", roles=frozenset(HOSTS), load=gathering_tasks),
    TaskSource(name="recalls", roles=_MAKERS, load=recall_tasks),
    TaskSource(name="deaths", roles=frozenset({Role.CREDIT_OFFICE}), load=death_tasks),
    TaskSource(name="feed", roles=frozenset({Role.CREDIT_OFFICE}), load=feed_tasks),
)
