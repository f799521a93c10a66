"""The bill of materials, completed from what cyclonedx-py and dpkg-query print."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.sbom import complete

PACKAGES = [
    "libssl3 3.0.17-1~deb12u3 amd64 openssl 3.0.17-1~deb12u3",
    "libpcre2-8-0 10.42-1+b1 amd64 pcre2 10.42-1",
    "login 1:4.13+dfsg1-1 amd64 shadow 1:4.13+dfsg1-1",
]


def environment() -> dict[str, Any]:
    """A document of two Python packages."""
    yarl = {"type": "library", "bom-ref": "yarl==1.25.1", "name": "yarl", "version": "1.25.1"}
    straymail = {"type": "library", "bom-ref": "straymail==0.1.0", "name": "straymail", "version": "0.1.0"}
    depends = [{"ref": "straymail==0.1.0", "dependsOn": ["yarl==1.25.1"]}, {"ref": "yarl==1.25.1"}]
    head = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "metadata": {}}
    return {**head, "components": [straymail, yarl], "dependencies": depends}


def test_straymail_is_the_subject_and_the_rest_its_components() -> None:
    bom = complete(environment(), PACKAGES, "debian-12")
    assert (bom["metadata"]["component"]["name"], bom["metadata"]["component"]["type"]) == ("straymail", "application")
    assert [component["name"] for component in bom["components"]] == ["yarl", "libpcre2-8-0", "libssl3", "login"]


def test_a_package_of_debian_is_found_by_scanners() -> None:
    bom = complete(environment(), PACKAGES, "debian-12")
    purls = [component["purl"] for component in bom["components"] if "purl" in component]
    assert purls[0] == "pkg:deb/debian/libpcre2-8-0@10.42-1%2Bb1?arch=amd64&distro=debian-12&upstream=pcre2%4010.42-1"
    assert purls[2].startswith("pkg:deb/debian/login@1:4.13%2Bdfsg1-1?arch=amd64&distro=debian-12")


def test_the_order_of_packages_does_not_matter() -> None:
    assert complete(environment(), PACKAGES, "debian-12") == complete(environment(), PACKAGES[::-1], "debian-12")


def test_what_is_no_package_is_an_error() -> None:
    with pytest.raises(ValueError, match="unpack"):
        complete(environment(), ["libssl3 3.0.17"], "debian-12")
