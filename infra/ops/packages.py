"""The functions' zips, as `infra/package` has left them."""

import hashlib
import json
from pathlib import Path

from ops.toolbox import ROOT


class Unpackaged(Exception):
    """There is no package to deploy, or not the one that was made."""


class Packages:
    """A manifest and the zips that it names. It is read when it is first needed: some stacks have no functions."""

    def __init__(self, manifest: Path):
        self.path = manifest
        self._manifest: dict | None = None

    def _read(self) -> dict:
        if self._manifest is None:
            try:
                self._manifest = json.loads(self.path.read_text())
            except FileNotFoundError as error:
                raise Unpackaged(f"{self.path}: no such file; infra/package makes it") from error
            except json.JSONDecodeError as error:
                raise Unpackaged(f"{self.path}: not JSON: {error}") from error
        return self._manifest

    def architecture(self) -> str:
        """What the functions were built for."""
        return self._read()["architecture"]

    def keys(self, parameters: dict) -> dict[str, str]:
        """The parameters `<Function>Key` of a template, filled with the packages' keys."""
        functions = self._read()["functions"]
        keys = {f"{name.capitalize()}Key": it["key"] for name, it in functions.items()}
        return {name: key for name, key in keys.items() if name in parameters}

    def upload(self, cloud, bucket: str, parameters: dict) -> None:
        """Uploads those zips that a template needs and the bucket has not."""
        if not any(name.endswith("Key") for name in parameters):
            return
        for name, it in self._read()["functions"].items():
            if f"{name.capitalize()}Key" not in parameters:
                continue
            path = Path(it["zip"])
            path = path if path.is_absolute() else ROOT / path
            try:
                body = path.read_bytes()
            except FileNotFoundError as error:
                raise Unpackaged(f"{path}: the manifest names it and it is not there; run infra/package") from error
            if hashlib.sha256(body).hexdigest() != it["sha256"]:
                raise Unpackaged(f"{path}: not the file that the manifest was written for; run infra/package")
            cloud.upload(bucket, it["key"], body, "application/zip")
