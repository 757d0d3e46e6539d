"""What staff see of changes, in words."""

from __future__ import annotations

from typing import Any

from xinyi_platform.divisions import division_name
from xinyi_platform.errors import NotFound
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.web.formatting import yuan
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.manifests.loading import manifest_from
from xinyi_scenarios.scene_changes.models import SceneChange
from xinyi_scenarios.scene_forms import Difference, differences_of

_MOST = 100


async def waiting_changes() -> list[SceneChange]:
    """Return the changes that wait, the oldest first."""
    return await SceneChange.filter(state="proposed").order_by("made_at", "id").limit(_MOST)


async def changes_of(slug: str) -> list[SceneChange]:
    """Return the changes of a scene, the newest first."""
    return await SceneChange.filter(slug=slug).order_by("-made_at", "-id").limit(_MOST)


async def decided_changes() -> list[SceneChange]:
    """Return those decided last."""
    return await SceneChange.exclude(state="proposed").order_by("-decided_at", "-id").limit(20)


def is_mine(change: SceneChange, staff: Staff) -> bool:
    """Tell whether a change is of the same person, by whichever account."""
    return change.maker_person == staff.person


def differences_in(change: SceneChange, catalogue: Catalogue) -> list[Difference]:
    """Return what a proposed version changes against the one that it was made against; none for other kinds."""
    if change.kind != "manifest":
        return []
    proposal, base = change.proposal, change.base
    try:
        values: Any = proposal["manifest"]
        old = catalogue.version(change.slug, int(str(base["version"])))
        return differences_of(old, manifest_from({**values, "version": old.version}))
    except (ValueError, NotFound):  # of a plug-in that is gone
        return []


def summary_of(change: SceneChange) -> Text:
    """Return what a change does, in a sentence."""
    said, base = {**change.proposal}, {**change.base}
    if change.kind == "switch":
        return Text("开启场景", "Switch the scene on") if said["on"] else Text("关闭场景", "Switch the scene off")
    if change.kind == "manifest":
        values: Any = said["manifest"]
        return Text(f"新版本,自{values['opens_on']}起", f"A new version from {values['opens_on']}")
    given = {"total": said.get("total"), "units": said.get("units"), "old": base.get("total")}
    amounts = {name: amount_of(said.get("measure"), value) for name, value in given.items()}
    if change.kind == "quota":
        zh = f"{said['period']} 名额由{amounts['old']}改为{amounts['total']}"
        opened = Text("开放", "open") if said["is_open"] else Text("关闭", "closed")
        return Text(
            f"{zh}({opened.zh})", f"{said['period']}: from {amounts['old']} to {amounts['total']} ({opened.en})"
        )
    lender, borrower = place_of(str(said["from"])), place_of(str(said["to"]))
    if change.kind == "loan":
        return Text(
            f"{lender.zh}调剂{amounts['units']}给{borrower.zh}",
            f"{lender.en} lends {amounts['units']} to {borrower.en}",
        )
    return Text(
        f"{lender.zh}自{borrower.zh}收回{amounts['units']}",
        f"{lender.en} takes {amounts['units']} back from {borrower.en}",
    )


def amount_of(measure: object, value: object) -> str:
    """Return an amount in units or in yuan."""
    if not isinstance(value, int):
        return ""
    return yuan(value) if measure == "fen" else str(value)


def place_of(scope: str) -> Text:
    """Return the words of a quota's scope."""
    if not scope:
        return Text("全市", "The whole city")
    return division_name(scope.partition(":")[2])
