"""Forms drawn from the typed parts of a manifest: what a plug-in declares can be edited with no further code."""

from __future__ import annotations

from xinyi_scenarios.scene_forms.checking import Faults, find_faults
from xinyi_scenarios.scene_forms.differences import Difference, differences_of
from xinyi_scenarios.scene_forms.editing import change_rows
from xinyi_scenarios.scene_forms.nodes import Node, draw_form
from xinyi_scenarios.scene_forms.values import Fields, fill_form, read_form

__all__ = [
    "Difference",
    "Faults",
    "Fields",
    "Node",
    "change_rows",
    "differences_of",
    "draw_form",
    "fill_form",
    "find_faults",
    "read_form",
]
