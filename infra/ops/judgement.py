"""Whether a change set may be executed: a pure function of its changes and of what must stay.

What must stay is written in the stack policies and nowhere else. CloudFormation enforces the policy when the change is
under way; judging the change set refuses before anything has begun, and where no policy was set yet.
"""

from dataclasses import dataclass

# CloudFormation cannot know what a resource of our own function does with a change; the function's rule is this: a
# platform application is another one when one of these is another, and is brought up to date otherwise.
DECIDING = {"Custom::PlatformApplication": frozenset({"ServiceToken", "Name", "Platform"})}


@dataclass(frozen=True)
class Refusal:
    """A change that must not happen."""

    logical_id: str
    why: str

    def __str__(self) -> str:
        return f"{self.logical_id}: {self.why}"


class BadPolicy(Exception):
    """A stack policy does not say what this tool can read."""


def protected(policy: dict) -> frozenset[str]:
    """The logical ids that a stack policy keeps from being replaced or removed."""
    ids = set()
    for statement in policy.get("Statement", []):
        if statement.get("Effect") != "Deny":
            continue
        actions = statement.get("Action", [])
        actions = {actions} if isinstance(actions, str) else set(actions)
        if not {"Update:Replace", "Update:Delete"} <= actions:
            raise BadPolicy(f"a Deny has to name Update:Replace and Update:Delete, and names {sorted(actions)}")
        resources = statement.get("Resource", [])
        for resource in [resources] if isinstance(resources, str) else resources:
            kind, _, logical_id = resource.partition("/")
            if kind != "LogicalResourceId" or not logical_id or "*" in logical_id:
                raise BadPolicy(f"a Deny has to name LogicalResourceId/<id>, and names {resource}")
            ids.add(logical_id)
    return frozenset(ids)


def judge(changes: list[dict], keep: frozenset[str], accepted: frozenset[str] = frozenset()) -> list[Refusal]:
    """What of `changes` must not happen, given what to keep. `accepted` was agreed to by name."""
    refusals = []
    for change in changes:
        resource = change.get("ResourceChange")
        if resource is None:
            continue
        logical_id = resource["LogicalResourceId"]
        if logical_id not in keep or logical_id in accepted:
            continue
        why = _harm(resource)
        if why is not None:
            refusals.append(Refusal(logical_id, why))
    return refusals


def _harm(resource: dict) -> str | None:
    """What a change would do to a resource that has to stay; `None` where it stays."""
    match resource.get("Action"):
        case "Remove":
            return f"would be removed (policy {resource.get('PolicyAction') or 'Delete'})"
        case "Modify" if _stays_by_our_own_rule(resource):
            return None
        case "Modify":
            # CloudFormation leaves the field out where it cannot know, which is no reason to believe the best.
            match resource.get("Replacement"):
                case "False":
                    return None
                case "True":
                    return "would be replaced" + _because(resource)
                case "Conditional":
                    return "may be replaced" + _because(resource)
                case unknown:
                    return f"may be replaced: the change set says {unknown!r}"
        case "Dynamic":
            return "cannot be known before it happens"
        case _:
            return None


def _stays_by_our_own_rule(resource: dict) -> bool:
    """Whether a change of a resource of our own leaves alone what would make it another."""
    deciding = DECIDING.get(resource.get("ResourceType"))
    targets = [detail.get("Target", {}) for detail in resource.get("Details", [])]
    if deciding is None or not targets:
        return False
    return all(it.get("Attribute") != "Properties" or it.get("Name", "?") not in {*deciding, "?"} for it in targets)


def _because(resource: dict) -> str:
    """The properties that make a replacement necessary."""
    names = sorted(
        {
            detail.get("Target", {}).get("Name") or detail.get("Target", {}).get("Attribute", "?")
            for detail in resource.get("Details", [])
            if detail.get("Target", {}).get("RequiresRecreation") in ("Always", "Conditionally")
        }
    )
    return f" by a change of {', '.join(names)}" if names else ""
