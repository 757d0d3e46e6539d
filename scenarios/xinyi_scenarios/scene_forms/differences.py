"""What a new version changes, field by field and in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from xinyi_platform.language import Text
from xinyi_scenarios.manifests import Manifest
from xinyi_scenarios.scene_forms.labels import path_label


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs: its dotted name, its words, and both values as text; empty where there is none."""

    path: str
    label: Text
    old: str
    new: str

    @property
    def sentence(self) -> Text:
        """Return the difference in words."""
        if not self.old:
            return Text(f"新增{self.label.zh}:{self.new}", f"{self.label.en} is added: {self.new}")
        if not self.new:
            return Text(f"删除{self.label.zh}(原为{self.old})", f"{self.label.en} goes (it was {self.old})")
        zh = f"{self.label.zh}由“{self.old}”改为“{self.new}”"
        return Text(zh, f"{self.label.en} changes from “{self.old}” to “{self.new}”")


def differences_of(old: Manifest, new: Manifest) -> list[Difference]:
    """Return every field that differs between two versions, in the manifest's order."""
    before, after = dict(_leaves("", _plain(old))), dict(_leaves("", _plain(new)))
    paths = list(dict.fromkeys([*before, *after]))
    return [
        Difference(path, path_label(path), before.get(path, ""), after.get(path, ""))
        for path in paths
        if before.get(path, "") != after.get(path, "")
    ]


def _plain(scene: Manifest) -> dict[str, Any]:
    values: dict[str, Any] = msgspec.to_builtins(scene.written())
    return {name: value for name, value in values.items() if name not in ("slug", "version")}


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(f"{path}.{name}" if path else str(name), inner)
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for place, inner in enumerate(value):
            yield from _leaves(f"{path}.{place}", inner)
    elif isinstance(value, list):
        yield path, ", ".join(str(item) for item in value)
    elif value is not None:
        yield path, str(value).lower() if isinstance(value, bool) else str(value)
