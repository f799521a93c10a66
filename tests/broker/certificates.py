"""Certificates for tests, made with openssl: an authority and the certificates that it signs. All files are PEM."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

KEY_PASSWORD = "key-pass-word"  # noqa: S105 - for keys that live as long as a test run
NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-days", "2"]


class Authority:
    """A certificate authority in a folder; clients trust `ca_file`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.ca_file, self._key = folder / "ca.pem", folder / "ca.key"
        _openssl("req", "-x509", *NEW_KEY, "-keyout", self._key, "-nodes", "-out", self.ca_file, "-subj", "/CN=tests")

    def sign(self, name: str, *, password: str | None = None) -> tuple[Path, Path]:
        """(certificate, private key) for CN=name on 127.0.0.1; the key is encrypted where a password is given."""
        certificate, key = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        protection = ["-passout", f"pass:{password}"] if password else ["-nodes"]
        names = [
            "-subj",
            f"/CN={name}",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-addext",
            "basicConstraints=CA:FALSE",
        ]
        by = ["-CA", str(self.ca_file), "-CAkey", str(self._key)]
        _openssl("req", "-x509", *by, *NEW_KEY, "-keyout", key, *protection, "-out", certificate, *names)
        return certificate, key

    def keystore(self, name: str) -> Path:
        """Key and certificate in one file, in the form of Kafka's PEM keystore."""
        certificate, key = self.sign(name)
        store = self._folder / f"{name}.keystore.pem"
        store.write_text(key.read_text() + certificate.read_text())
        return store


def missing_tool() -> str | None:
    """Why no certificates can be made here, or None."""
    return None if shutil.which("openssl") else "no openssl on the path: install it (openssl)"


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, stdin=subprocess.DEVNULL, capture_output=True)
