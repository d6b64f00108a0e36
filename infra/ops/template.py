"""Templates as far as deploying them needs: which parameters they declare, and what their text hashes to."""

import hashlib
from pathlib import Path

import yaml


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's tags, whose meaning is not needed here."""


class Unreadable(Exception):
    """A template is not YAML."""


def _untagged(loader: yaml.Loader, _suffix: str, node: yaml.Node):
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


_Loader.add_multi_constructor("!", _untagged)


class Template:
    """One template file."""

    def __init__(self, path: Path):
        self.name = path.stem
        self.text = path.read_text()
        try:
            parsed = yaml.load(self.text, Loader=_Loader)
        except yaml.YAMLError as error:
            raise Unreadable(f"{path}: {error}") from error
        self.parameters: dict[str, dict] = parsed.get("Parameters", {})
        self.resources: dict[str, dict] = parsed.get("Resources", {})
        self.outputs: dict[str, dict] = parsed.get("Outputs", {})

    def without_default(self) -> list[str]:
        """The parameters that somebody has to give."""
        return [name for name, it in self.parameters.items() if "Default" not in it]

    def retained(self) -> dict[str, str]:
        """The type by logical id of what outlives the stack."""
        return {
            logical_id: resource["Type"]
            for logical_id, resource in self.resources.items()
            if resource.get("DeletionPolicy") == "Retain"
        }


def digest(*texts: str) -> str:
    """Sixteen hexadecimal digits that another text has not."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
