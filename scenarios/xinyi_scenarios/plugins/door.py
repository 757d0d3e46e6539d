"""What a plug-in is, and whether it fits this host.

A plug-in is a callable of the entry-point group `xinyi.scenarios` that returns a ScenePlugin. What does not fit
stops the start: a city must learn on the day of the update, and not from a resident, that a scene is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Protocol

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from xinyi_platform.features import FeatureError

if TYPE_CHECKING:
    from xinyi_scenarios.manifests.flows import Flow
    from xinyi_scenarios.requirements import RequirementType
    from xinyi_scenarios.requirements.gathering import Provider

# Facts of the moment and the place, which say nothing of a person and need not be declared.
OF_THE_MOMENT = frozenset({"today", "now", "scene", "merchant"})


class Misfit(FeatureError):
    """A plug-in or manifest does not fit this host; the start stops with this sentence, which says what to do."""


class ManifestFile(Protocol):
    """A manifest as its plug-in hands it over: a `pathlib.Path` or what `importlib.resources.files` gives."""

    @property
    def name(self) -> str: ...

    def read_text(self, encoding: str) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenePlugin:
    """What one package brings.

    `host` is the version specifier of the Xinyi+ versions that it fits (">=0.1,<1"). `facts` maps the name of each
    fact of its own to the provider that gathers it for many residents at once.
    """

    name: str
    host: str
    manifests: Iterable[ManifestFile] = ()
    requirement_types: Sequence[RequirementType[Any]] = ()
    facts: Mapping[str, Provider] = field(default_factory=dict)
    flows: Sequence[Flow] = ()


@cache
def host_version() -> str:
    """Return the version of the host as it is installed."""
    return version("xinyi")


def is_specifier(versions: str) -> bool:
    """Tell whether a text is a version specifier."""
    try:
        SpecifierSet(versions)
    except InvalidSpecifier:
        return False
    return True


def check_versions(who: str, versions: str) -> None:
    """Refuse what does not fit this host's version. Raises Misfit."""
    if not is_specifier(versions):
        raise Misfit(f'{who}: {versions!r} is no version specifier; write one like ">=0.1,<1"')
    if not SpecifierSet(versions).contains(host_version(), prereleases=True):
        raise Misfit(
            f"{who} fits Xinyi+ {versions} and this is {host_version()}: "
            "install a version of it that fits, or uninstall it"
        )


def check_reads(who: str, declared: Iterable[str], reads: Iterable[str]) -> None:
    """Refuse what reads more facts of a person than it declares. Raises Misfit."""
    undeclared = sorted(set(reads) - set(declared) - OF_THE_MOMENT)
    if undeclared:
        names = ", ".join(f'"{name}"' for name in undeclared)
        raise Misfit(f"{who} reads {names} without saying so: add them to `reads` under [host], or do not ask for them")
