"""The commands of the documentation that the test of all commands can't run, each with the reason.

What begins so is not run. An entry that no page needs any more fails the test.
"""

from __future__ import annotations

NOT_RUN = {
    "make test": "it is what runs this test",
    "make quick": "it runs tests, as this one is",
    "make fuzz-sources": "a minute of damage: tests/sources/test_hostile_input.py does some of it",
    "make check": "CI runs it beside this test; it takes longer than all of these pages",
    "make fix": "it changes files, for whoever is asked to look at them",
    "make .venv/.dev": "it has made the environment of this test; another takes a minute",
    "python3 -m venv /opt/": "as the README's, which are run: it takes half a minute",
    "/opt/straymail/bin/pip install": "as the README's, which are run: it takes half a minute",
    ".venv/bin/python -m tests.broker.apache": "a second Kafka: tests/broker/test_apache.py starts it so",
    "helm ": "a Kubernetes cluster: tests/deploy installs the chart in a control plane",
    "kubectl ": "a Kubernetes cluster",
    "alias k=": "a Kubernetes cluster",
    "k ": "a Kubernetes cluster",
    "curl -X POST": "Kafka Connect: tests/deploy/test_connect.py holds the settings to real alerts",
    "curl -X PUT": "Elasticsearch",
    "bq ": "Google's BigQuery",
    "straymail import defender --from-topic": "a topic of another Kafka: tests/cli/import_ reads one",
    "sudo ": "a mail host: tests/deploy/test_mail_host.py follows the page in a chroot",
    "podman ": "the image: tests/deploy/test_image.py builds it and reads its bill of materials",
    "grype ": "a scanner of the reader's own",
    "pip-audit ": "a database of vulnerabilities on the network",
    "straymail notify --channels ": "services of the reader's own: tests/notify/channels/test_command.py runs each",
    "some-gateway-export ": "a gateway of the reader's own",
}
"""The beginning of a line, and why it isn't run."""


def why_not(line: str) -> str | None:
    """The beginning by which a line is left out; None where it is run."""
    return next((beginning for beginning in NOT_RUN if f"{line} ".startswith(beginning)), None)
