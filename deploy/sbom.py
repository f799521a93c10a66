"""Completes the image's bill of materials: straymail as its subject, and Debian's packages beside the Python ones.

`python sbom.py packages.txt <environment.json` while the image is built: environment.json is what
`cyclonedx-py environment` writes; packages.txt has a line for each package, of dpkg-query: its name, version and
architecture, its source package and the version of that.
"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from packageurl import PackageURL

SUBJECT = "straymail"


def complete(bom: dict[str, Any], packages: Iterable[str], distribution: str) -> dict[str, Any]:
    """The CycloneDX document `bom` with a component for each line of `packages`, and with straymail moved from the
    components to the subject. `distribution` is such as `debian-12`. The order of lines doesn't matter.

    Raises ValueError where straymail is not among the components, or a line has not five words.
    """
    (subject,) = [component for component in bom["components"] if component["name"] == SUBJECT]
    python = [component for component in bom["components"] if component is not subject]
    debian = [_package(line, distribution) for line in sorted(packages)]
    subject["type"] = "application"
    return bom | {"components": python + debian, "metadata": bom["metadata"] | {"component": subject}}


def _package(line: str, distribution: str) -> dict[str, str]:
    """Debian's security tracker goes by the source package, so scanners read `upstream`."""
    name, version, architecture, source, source_version = line.split()
    qualifiers = {"arch": architecture, "distro": distribution, "upstream": f"{source}@{source_version}"}
    purl = PackageURL("deb", "debian", name, version, qualifiers).to_string()
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}


def main() -> None:
    """Read a document from standard input, and write it completed to standard output."""
    release = platform.freedesktop_os_release()
    packages = Path(sys.argv[1]).read_text().splitlines()
    json.dump(
        complete(json.load(sys.stdin), packages, f"{release['ID']}-{release['VERSION_ID']}"), sys.stdout, indent=1
    )


if __name__ == "__main__":
    main()
