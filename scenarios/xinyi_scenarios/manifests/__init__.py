"""Scene manifests: one TOML file says what a scene gives, to whom, how much of it, and what is asked of the bureau."""

from __future__ import annotations

from xinyi_scenarios.manifests.catalogue import Catalogue
from xinyi_scenarios.manifests.loading import ManifestError, load_catalogue, read_manifest
from xinyi_scenarios.manifests.schema import Manifest

__all__ = ["Catalogue", "Manifest", "ManifestError", "load_catalogue", "read_manifest"]
