"""Judges of others: CycloneDX's own schema of a bill of materials, Kubernetes' own of a manifest.

They are imported where they are asked: both compile grammars when they are imported, for which each process of
`make quick` would take a second and more.
"""

from __future__ import annotations

import json
import warnings
from typing import Any


def assert_cyclonedx(bill: str) -> None:
    """A bill of materials is valid in the version that it names, without a field that CycloneDX doesn't know."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    version = SchemaVersion.from_version(json.loads(bill)["specVersion"])
    assert JsonStrictValidator(version).validate_str(bill) is None


def assert_kubernetes(manifest: dict[str, Any], version: str) -> None:
    """A manifest is valid in a version of Kubernetes, as 1.31, without a field that it doesn't know."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of jsonschema, in kubernetes-validate
        import kubernetes_validate

        kubernetes_validate.validate(manifest, version, strict=True)
