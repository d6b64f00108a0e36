"""Deploys an environment's stacks, one after the other.

For each stack: a change set is made and judged; what would replace or remove a protected resource is refused; then it
is executed, and the stack policy is set. What one stack puts out fills the parameters of those after it.
"""

import argparse
import json
import sys
import uuid
from pathlib import Path

from ops import plan
from ops.cloud import ERRORS, Cloud, Watch, policies, say, text_of
from ops.judgement import BadPolicy, protected
from ops.packages import Packages, Unpackaged
from ops.plan import Settings, Unplanned
from ops.template import Template, Unreadable, digest
from ops.toolbox import ROOT

INFRA = ROOT / "infra"


def arguments() -> argparse.Namespace:
    """What the operator asks for."""
    parser = argparse.ArgumentParser(
        prog="infra/deploy", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--env", required=True, help="the environment's name, part of every physical name")
    parser.add_argument("--region", required=True, help="the Region")
    parser.add_argument(
        "--params", type=Path, help="a file of parameters; default infra/params/<env>.json where it exists"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter, above the file's"
    )
    parser.add_argument("--only", help="these stacks alone, separated by commas")
    parser.add_argument(
        "--nested", action="store_true", help="everything above the foundation in one piece: development"
    )
    parser.add_argument("--dry-run", action="store_true", help="show the change sets, change nothing")
    parser.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="LOGICAL_ID",
        help="agree to the replacement or removal of a protected resource, by name",
    )
    parser.add_argument(
        "--manifest", type=Path, default=ROOT / "target/lambda/manifest.json", help="what infra/package wrote"
    )
    parser.add_argument("--template-dir", type=Path, default=INFRA, help="where the templates are")
    parser.add_argument(
        "--watch",
        type=int,
        default=0,
        metavar="MINUTES",
        help="take a release of the stack app back when a function's error alarm rings within so many minutes",
    )
    parser.add_argument("--role-arn", help="the role by which CloudFormation acts; default your own")
    parser.add_argument("--endpoint-url", help="another endpoint than AWS: an emulator")
    parser.add_argument("--timeout", type=float, default=3600, metavar="SECONDS", help="for one stack")
    parser.add_argument(
        "--output",
        choices=["text", "json"],
        default="text",
        help="json: the outputs as the only line on standard output",
    )
    return parser.parse_args()


def settings_of(args: argparse.Namespace) -> Settings:
    """The parameters that were given, by file and by hand."""
    path = args.params or INFRA / "params" / f"{args.env}.json"
    if args.params and not path.exists():
        raise Unplanned(f"{path}: no such file")
    try:
        settings = Settings.read(path.read_text()) if path.exists() else Settings()
    except Unplanned as error:
        raise Unplanned(f"{path}: {error}") from error
    for given in args.set:
        name, equals, value = given.partition("=")
        if not equals:
            raise Unplanned(f"--set {given}: expected NAME=VALUE")
        settings.everywhere[name] = value
    if not plan.ENVIRONMENT.fullmatch(args.env):
        raise Unplanned(f"--env {args.env}: expected 2 to 12 small letters and digits, a letter first")
    settings.everywhere["EnvName"] = args.env
    return settings


class Deployment:
    """One run."""

    def __init__(self, args: argparse.Namespace):
        self.args = args
        self.settings = settings_of(args)
        known = [*plan.ORDER, "root"]
        self.templates = {name: Template(args.template_dir / f"{name}.yaml") for name in known}
        self.settings.check(self.templates)
        self.stacks = plan.stacks(self.settings, args.nested)
        self.chosen = args.only.split(",") if args.only else self.stacks
        for name in self.chosen:
            if name not in self.stacks:
                raise Unplanned(f"--only {name}: the stacks of this deployment are {', '.join(self.stacks)}")
        self.policies = policies(INFRA / "policies")
        self.keep = {name: protected(json.loads(text)) for name, text in self.policies.items()}
        self.cloud = Cloud(args.region, args.endpoint_url, args.role_arn, args.timeout)
        self.packages = Packages(args.manifest)
        self.outputs: dict[str, dict[str, str]] = {}

    def stack_name(self, stack: str) -> str:
        """How a stack is called in the account."""
        return f"switchboard-{self.args.env}-{stack}"

    def run(self) -> None:
        """Deploys what was chosen."""
        for stack in self.stacks:
            if stack in self.chosen:
                self.deploy(stack)
            self.outputs[stack] = self.cloud.outputs(self.stack_name(stack))

    def deploy(self, stack: str) -> None:
        """Deploys one stack."""
        template, name = self.templates[stack], self.stack_name(stack)
        try:
            values = plan.parameters(template, self.settings, self.derived(template), self.flat_outputs())
        except Unplanned as error:
            if self.args.dry_run:
                say(f"{name}: not shown, since it stands on stacks that are not there yet ({error})")
                return
            raise
        # Another one for each run: an old one that is still there must not be taken for this one.
        change_set = f"deploy-{uuid.uuid4().hex}"
        proposal = self.cloud.propose(name, self.body(stack), values, change_set, self.watch(stack))
        if proposal is None:
            say(f"{name}: nothing changes")
            return
        self.show(name, proposal)
        refusals = self.cloud.refusals(proposal["changes"], self.keep, stack, frozenset(self.args.accept))
        if refusals or self.args.dry_run:
            self.cloud.withdraw(name, change_set)
        if refusals:
            listed = "\n".join(f"  {refusal}" for refusal in refusals)
            raise Unplanned(
                f"{name}: refused, because these are protected:\n{listed}\n"
                "What replacing them would destroy is in infra/README.md; --accept LOGICAL_ID agrees to it."
            )
        if self.args.dry_run:
            return
        if self.args.accept and not proposal["creating"]:
            self.lift(name, stack)
        self.cloud.execute(name, change_set)
        self.protect(name, stack)
        say(f"{name}: done")

    def watch(self, stack: str) -> Watch | None:
        """The error alarms of what users call, which the release before this one has made."""
        if stack != "app" or not self.args.watch:
            return None
        alarms = [f"switchboard-{self.args.env}-{it}-errors" for it in ("authorize", "connect", "message")]
        return Watch(alarms, self.args.watch)

    def derived(self, template: Template) -> dict[str, str]:
        """The parameters that follow from the packages and from what is there."""
        found = {}
        if any(name.endswith("Key") for name in template.parameters) and template.name != "foundation":
            found |= self.packages.keys(template.parameters)
        if "Architecture" in template.parameters:
            found["Architecture"] = self.packages.architecture()
        if "TemplateBase" in template.parameters:
            found["TemplateBase"] = self.template_base()
        if self.settings.everywhere.get("RegionRole") == "SECONDARY" and "ChatTableArn" in template.parameters:
            found |= self.replica()
        return found

    def replica(self) -> dict[str, str]:
        """The log in a standby Region: its replica was made by the home Region's stack."""
        name = f"switchboard-{self.args.env}-chat"
        try:
            table = self.cloud.dynamodb.describe_table(TableName=name)["Table"]
        except self.cloud.dynamodb.exceptions.ResourceNotFoundException as error:
            raise Unplanned(
                f"{self.args.region} has no replica of {name} yet: deploy the home Region with "
                f"ReplicaRegion={self.args.region} first"
            ) from error
        return {"ChatTableName": name, "ChatTableArn": table["TableArn"], "ChatStreamArn": table["LatestStreamArn"]}

    def flat_outputs(self) -> dict[str, str]:
        """What all stacks before have put out."""
        return {key: value for outputs in self.outputs.values() for key, value in outputs.items()}

    def body(self, stack: str) -> dict[str, str]:
        """Where CloudFormation finds a template. The foundation's bucket is not there before the foundation is."""
        if stack == "foundation":
            return {"TemplateBody": self.templates[stack].text}
        self.packages.upload(self.cloud, self.bucket(), self.templates[stack].parameters)
        return {"TemplateURL": f"{self.template_base()}/{stack}.yaml"}

    def template_base(self) -> str:
        """The folder of this deployment's templates, uploaded where it is not there."""
        texts = {name: template.text for name, template in self.templates.items()}
        folder = f"templates/{digest(*texts.values())}"
        for name, text in texts.items():
            url = self.cloud.upload(self.bucket(), f"{folder}/{name}.yaml", text.encode(), "application/yaml")
        return url.rpartition("/")[0]

    def bucket(self) -> str:
        """The bucket of releases."""
        bucket = self.settings.get("app", "ArtifactBucket") or self.flat_outputs().get("ArtifactBucket")
        if not bucket:
            raise Unplanned("the stack foundation is not there yet, and with it no bucket for templates and packages")
        return bucket

    def show(self, name: str, proposal: dict) -> None:
        """The changes, one a line."""
        verb = "would be" if self.args.dry_run else "is being"
        say(f"{name}: {verb} {'created' if proposal['creating'] else 'changed'}, {len(proposal['changes'])} changes")
        for change in proposal["changes"]:
            it = change.get("ResourceChange", {})
            replacement = {"True": " REPLACED", "Conditional": " perhaps replaced"}.get(it.get("Replacement"), "")
            if self.args.dry_run or it.get("Action") != "Add":
                say(
                    f"  {it.get('Action', '?'):7} {it.get('LogicalResourceId')} ({it.get('ResourceType')}){replacement}"
                )

    def lift(self, name: str, stack: str) -> None:
        """What was agreed to by name is no longer denied, for this once."""
        policy = json.loads(self.policies.get(stack, "{}"))
        for statement in policy.get("Statement", []):
            if statement["Effect"] == "Deny":
                accepted = {f"LogicalResourceId/{it}" for it in self.args.accept}
                statement["Resource"] = [it for it in statement["Resource"] if it not in accepted]
        policy["Statement"] = [it for it in policy.get("Statement", []) if it["Resource"]]
        if policy["Statement"]:
            self.cloud.cloudformation.set_stack_policy(StackName=name, StackPolicyBody=json.dumps(policy))

    def protect(self, name: str, stack: str) -> None:
        """Sets the stack policy, and termination protection where the environment is protected."""
        if stack in self.policies:
            self.cloud.cloudformation.set_stack_policy(StackName=name, StackPolicyBody=self.policies[stack])
        self.cloud.cloudformation.update_termination_protection(
            StackName=name, EnableTerminationProtection=self.is_protected()
        )

    def is_protected(self) -> bool:
        """Whether the environment refuses to be deleted: as it was said, or by the template's default."""
        template = self.templates["root" if self.args.nested else "data"]
        given = self.settings.everywhere.get("Protected", template.parameters["Protected"]["Default"])
        return given == "true"


def main() -> None:
    """Deploys, and says what came of it."""
    args = arguments()
    try:
        deployment = Deployment(args)
        deployment.run()
    except (Unplanned, Unpackaged, Unreadable, BadPolicy, OSError, *ERRORS) as error:
        sys.exit(f"infra/deploy: {text_of(error) if isinstance(error, ERRORS) else error}")
    except KeyboardInterrupt:
        sys.exit("infra/deploy: interrupted; what CloudFormation has begun goes on by itself")
    if args.dry_run:
        return
    if args.output == "json":
        print(
            json.dumps({"environment": args.env, "region": args.region, "outputs": deployment.outputs}, sort_keys=True)
        )
        return
    for stack, outputs in deployment.outputs.items():
        for key, value in outputs.items():
            print(f"{stack}.{key} = {value}")


if __name__ == "__main__":
    main()
