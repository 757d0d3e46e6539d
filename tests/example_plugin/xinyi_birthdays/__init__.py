"""A keepsake from the museum in the month of one's birthday: an example of a plug-in."""

from __future__ import annotations

from importlib.resources import files

from xinyi_birthdays.birthdays import BirthdayMonthRequirement, birth_months
from xinyi_birthdays.keepsakes import KEEPSAKE
from xinyi_scenarios.plugins import ScenePlugin


def plugin() -> ScenePlugin:
    """Return what this package brings."""
    return ScenePlugin(
        name="birthdays",
        host=">=0.1,<1",
        manifests=[files(__name__).joinpath("birthday.toml")],
        requirement_types=[BirthdayMonthRequirement()],
        facts={"birth_month": birth_months},
        flows=[KEEPSAKE],
    )
