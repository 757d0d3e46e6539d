"""Add what plug-ins bring to the registries of the process: flows, facts, requirement types."""

from __future__ import annotations

from xinyi_scenarios.manifests.flows import FLOWS
from xinyi_scenarios.plugins.door import ScenePlugin
from xinyi_scenarios.plugins.finding import find_plugins, registered_twice
from xinyi_scenarios.requirements import REGISTRY
from xinyi_scenarios.requirements.gathering import provide_fact


def register_plugins() -> None:
    """Register what every plug-in brings; a second time changes nothing. Raises Misfit, also for a name used twice."""
    for found in find_plugins():
        if found.plugin is not None:
            register_plugin(found.plugin)


def register_plugin(plugin: ScenePlugin) -> None:
    """Register what one plug-in brings. Raises Misfit where a name is taken by another one."""
    try:
        for flow in plugin.flows:
            FLOWS.register(flow)
        for name, provider in plugin.facts.items():
            provide_fact(name, provider)
        for kind in plugin.requirement_types:
            REGISTRY.register(kind)
    except ValueError as error:
        raise registered_twice(plugin, error) from error
