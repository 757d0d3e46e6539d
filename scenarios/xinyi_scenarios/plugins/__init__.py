"""The one door through which scenes, requirement types, facts and flows come in, built in or from elsewhere."""

from __future__ import annotations

from xinyi_scenarios.plugins.door import ManifestFile, Misfit, ScenePlugin, host_version
from xinyi_scenarios.plugins.finding import Found, find_plugins

__all__ = ["Found", "ManifestFile", "Misfit", "ScenePlugin", "find_plugins", "host_version"]
