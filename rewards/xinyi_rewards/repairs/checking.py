"""The self-check: what a repair needs, what of it is there, and from when it can be asked for.

Source: 国家发展改革委令第36号: shortest term over, conduct corrected and duties done, a public credit commitment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from xinyi_platform.language import Text
from xinyi_rewards.honor_lists.kinds import kind_of
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.repairs.errors import NothingToRepair, RepairNotYet


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: met, not met, or None where only the determining unit can tell."""

    text: Text
    is_met: bool | None
    note: Text


def conditions_of(entry: HonorEntry, *, today: date) -> list[Condition]:
    """Return what the repair of an entry needs, in the order in which one gets there."""
    first = entry.repairable_from
    is_due = first is not None and today >= first
    return [
        Condition(
            Text("最短公示期已满", "The shortest term is over"),
            is_due,
            Text(f"自{first}起可申请", f"from {first} on") if first else Text("", ""),
        ),
        Condition(
            Text("已纠正失信行为并履行义务", "Corrected, and every duty done"),
            None,
            Text(f"由{entry.authority}核实,请提交证明材料", f"{entry.authority} checks it; hand in the proofs"),
        ),
        Condition(
            Text("公开作出信用承诺", "A public credit commitment"),
            entry.committed_on is not None,
            Text("与申请一并签署", "signed with the request"),
        ),
    ]


def is_repairable_kind(entry: HonorEntry) -> bool:
    """Tell whether an entry mirrors an authority's decision: what is made here ends here, and needs no repair."""
    return kind_of(entry.kind).colour == "black"


def require_repairable(entry: HonorEntry, *, today: date) -> None:
    """Raise NothingToRepair or RepairNotYet (409) where a request would be in vain."""
    if not is_repairable_kind(entry) or entry.state != "published" or entry.repairable_from is None:
        raise NothingToRepair
    if today < entry.repairable_from:
        raise RepairNotYet(day=str(entry.repairable_from))
