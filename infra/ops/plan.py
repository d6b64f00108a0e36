"""Which stacks there are, in which order, and what their parameters are. Pure: nothing here talks to AWS."""

import json
import re
from dataclasses import dataclass, field

from ops.template import Template, digest

# As the templates demand it.
ENVIRONMENT = re.compile("[a-z][a-z0-9]{1,11}")

# Each stands on the outputs of those before it.
ORDER = ("foundation", "data", "identity", "push", "app", "observability", "dns")
# What a standby Region has no stack of: users are one user pool's, in the home Region.
HOME_ONLY = frozenset({"identity"})
# In one piece, above the foundation.
NESTED = ("foundation", "root")

# Parameters that are called otherwise than the output that fills them.
FILLED_BY = {"Issuers": "Issuer", "Audiences": "PhoneClientId"}
# What is said as it is, and not found out.
EMPTY_WITHOUT_OUTPUT = frozenset({"FunctionSubnetIds", "FunctionSecurityGroupId", "FunctionNetworkPolicyArn"})


class Unplanned(Exception):
    """The parameters do not fit the templates."""


@dataclass
class Settings:
    """What an operator gave: for every stack that knows the parameter, or for one stack by name."""

    everywhere: dict[str, str] = field(default_factory=dict)
    by_stack: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> "Settings":
        """Reads a file of `infra/params/`."""
        try:
            given = json.loads(text)
        except json.JSONDecodeError as error:
            raise Unplanned(f"not JSON: {error}") from error
        if not isinstance(given, dict) or set(given) - {"parameters", "stacks"}:
            raise Unplanned('expected {"parameters": {...}, "stacks": {"app": {...}}}')
        settings = cls(given.get("parameters", {}), given.get("stacks", {}))
        for where, values in {"parameters": settings.everywhere, **settings.by_stack}.items():
            if not isinstance(values, dict):
                raise Unplanned(f"{where}: expected an object")
            for name, value in values.items():
                if not isinstance(value, str):
                    raise Unplanned(f"{where}.{name}: expected a string, as CloudFormation does")
        return settings

    def check(self, templates: dict[str, Template]) -> None:
        """A parameter that no template knows is a spelling mistake, and would be ignored silently."""
        known = {name for template in templates.values() for name in template.parameters}
        for name in self.everywhere:
            if name not in known:
                raise Unplanned(f"no template has a parameter {name}")
        for stack, values in self.by_stack.items():
            if stack not in templates:
                raise Unplanned(f"there is no stack {stack}; there are {', '.join(templates)}")
            for name in values:
                if name not in templates[stack].parameters:
                    raise Unplanned(f"{stack}.yaml has no parameter {name}")

    def get(self, stack: str, name: str) -> str | None:
        """What was given, the nearest first."""
        return self.by_stack.get(stack, {}).get(name, self.everywhere.get(name))


def stacks(settings: Settings, nested: bool) -> list[str]:
    """The stacks of a deployment, in order."""
    if nested:
        return list(NESTED)
    secondary = settings.everywhere.get("RegionRole") == "SECONDARY"
    domain = settings.get("dns", "DomainName")
    return [name for name in ORDER if not (name == "dns" and not domain) and not (name in HOME_ONLY and secondary)]


def parameters(
    template: Template, settings: Settings, derived: dict[str, str], outputs: dict[str, str]
) -> dict[str, str]:
    """The parameters of a stack: what was given, else what the stacks before put out, else the template's default.

    Without a release of its own a stack gets one that follows from its text and its parameters: a deployment that
    changes nothing publishes nothing.
    """
    values = {}
    missing = []
    for name in template.parameters:
        value = settings.get(template.name, name)
        if value is None:
            value = derived.get(name, outputs.get(name, outputs.get(FILLED_BY.get(name, ""))))
        if value is None and name in EMPTY_WITHOUT_OUTPUT:
            value = ""
        if value is not None:
            values[name] = value
        elif "Default" not in template.parameters[name] and name != "ReleaseId":
            missing.append(name)
    if missing:
        raise Unplanned(f"{template.name}: nothing gives {', '.join(missing)}")
    if "ReleaseId" in template.parameters and "ReleaseId" not in values:
        values["ReleaseId"] = digest(template.text, json.dumps(values, sort_keys=True))
    return values
