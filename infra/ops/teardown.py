"""Removes an environment for good, with its data: for development.

Refuses where anything says that the environment is protected. Stacks go in the reverse order of their deployment; then
what they kept is removed one by one: tables, user pools, queues, buckets with all that is in them, and the key, which
KMS keeps for seven more days. The role by which API Gateway logs stays: it is the account's, not the environment's.
"""

import argparse
import sys

from botocore.exceptions import ClientError

from ops import plan
from ops.cloud import ERRORS, Cloud, Failed, say, text_of
from ops.template import Template
from ops.toolbox import ROOT

# What is kept by design and belongs to nobody's environment.
OF_THE_ACCOUNT = {"AWS::ApiGateway::Account", "AWS::IAM::Role"}
# A kept version goes with its function.
GOES_WITH_ITS_OWNER = {"AWS::Lambda::Version"}


class Protected(Exception):
    """The environment is not to be removed."""


def arguments() -> argparse.Namespace:
    """What the operator asks for."""
    parser = argparse.ArgumentParser(
        prog="infra/teardown", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--env", required=True, help="the environment")
    parser.add_argument("--region", required=True, help="the Region")
    parser.add_argument(
        "--yes", metavar="ENV", help="the environment's name again; without it, only what would go is shown"
    )
    parser.add_argument("--role-arn", help="the role by which CloudFormation acts; default your own")
    parser.add_argument("--endpoint-url", help="another endpoint than AWS: an emulator")
    parser.add_argument("--timeout", type=float, default=3600, metavar="SECONDS", help="for one stack")
    return parser.parse_args()


class Teardown:
    """One run."""

    def __init__(self, args: argparse.Namespace):
        self.args = args
        self.cloud = Cloud(args.region, args.endpoint_url, args.role_arn, args.timeout)
        order = ["root", *reversed(plan.ORDER)]
        self.stacks = [(stack, f"switchboard-{args.env}-{stack}") for stack in order]
        self.found = {name: self.cloud.stack(name) for _, name in self.stacks}
        self.found = {name: it for name, it in self.found.items() if it is not None}

    def check(self) -> None:
        """Refuses where the environment is protected."""
        if not self.found:
            raise Protected(f"there is no environment {self.args.env} in {self.args.region}")
        for name, stack in self.found.items():
            if stack.get("EnableTerminationProtection"):
                raise Protected(f"{name} has termination protection: this environment is not for tearing down")
            for parameter in stack.get("Parameters", []):
                if parameter["ParameterKey"] == "Protected" and parameter.get("ParameterValue") != "false":
                    raise Protected(
                        f"{name} was deployed with Protected = {parameter.get('ParameterValue')!r}; "
                        'deploy it with "false" first, if you mean it'
                    )

    def kept(self) -> list[tuple[str, str]]:
        """What outlives its stack: type and physical name."""
        found = []
        for stack, name in self.stacks:
            if name in self.found:
                found += self._kept_of(stack, name)
        return found

    def _kept_of(self, stack: str, name: str) -> list[tuple[str, str]]:
        retained = Template(ROOT / "infra" / f"{stack}.yaml").retained()
        pages = self.cloud.cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
        found = []
        for page in pages:
            for it in page["StackResourceSummaries"]:
                if it["ResourceType"] == "AWS::CloudFormation::Stack":
                    found += self._kept_of(it["LogicalResourceId"].lower(), it["PhysicalResourceId"])
                elif it["LogicalResourceId"] in retained and "PhysicalResourceId" in it:
                    found.append((it["ResourceType"], it["PhysicalResourceId"]))
        return [(kind, it) for kind, it in found if kind not in OF_THE_ACCOUNT | GOES_WITH_ITS_OWNER]

    def run(self) -> None:
        """Removes everything."""
        kept = self.kept()
        for name in self.found:
            say(f"{name}: deleting")
            self.cloud.delete(name)
        left = []
        # The key last: what it encrypts is read while it is emptied.
        for kind, it in sorted(kept, key=lambda pair: pair[0] == "AWS::KMS::Key"):
            say(f"{kind} {it}: deleting")
            try:
                self.remove(kind, it)
            except ERRORS as error:
                left.append(f"  {kind} {it}: {text_of(error)}")
        if left:
            # The stacks that knew of them have gone, so another run would not find them.
            raise Failed("these are left, to be removed by hand:\n" + "\n".join(left))

    def remove(self, kind: str, name: str) -> None:
        """Removes one kept resource; one that has gone already is no failure."""
        client = self.cloud.client
        removals = {
            "AWS::DynamoDB::GlobalTable": lambda: client("dynamodb").delete_table(TableName=name),
            "AWS::Cognito::UserPool": lambda: self._remove_user_pool(name),
            "AWS::Cognito::IdentityPool": lambda: client("cognito-identity").delete_identity_pool(IdentityPoolId=name),
            "AWS::SQS::Queue": lambda: client("sqs").delete_queue(QueueUrl=name),
            "AWS::S3::Bucket": lambda: self._remove_bucket(name),
            "AWS::KMS::Key": lambda: client("kms").schedule_key_deletion(KeyId=name, PendingWindowInDays=7),
        }
        if kind not in removals:
            raise Failed(f"{kind} {name} was kept, and this tool does not know how to remove it")
        try:
            removals[kind]()
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if not any(word in code for word in ("NotFound", "NonExistent", "NoSuch", "InvalidState")):
                raise

    def _remove_user_pool(self, name: str) -> None:
        users = self.cloud.client("cognito-idp")
        domain = users.describe_user_pool(UserPoolId=name)["UserPool"].get("Domain")
        if domain:
            users.delete_user_pool_domain(Domain=domain, UserPoolId=name)
        users.delete_user_pool(UserPoolId=name)

    def _remove_bucket(self, name: str) -> None:
        s3 = self.cloud.s3
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
            versions = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            objects = [{"Key": it["Key"], "VersionId": it["VersionId"]} for it in versions]
            if objects:
                answer = s3.delete_objects(Bucket=name, Delete={"Objects": objects, "Quiet": True})
                if answer.get("Errors"):
                    raise Failed(f"{name}: {answer['Errors'][0]}")
        s3.delete_bucket(Bucket=name)


def main() -> None:
    """Removes the environment, or says what would go."""
    args = arguments()
    try:
        teardown = Teardown(args)
        teardown.check()
        if args.yes != args.env:
            for name in teardown.found:
                say(f"{name}: would be deleted")
            for kind, name in teardown.kept():
                say(f"{kind} {name}: would be deleted, with everything in it")
            sys.exit(f"infra/teardown: nothing was done; --yes {args.env} does it")
        teardown.run()
    except (Protected, OSError, *ERRORS) as error:
        sys.exit(f"infra/teardown: {text_of(error) if isinstance(error, ERRORS) else error}")


if __name__ == "__main__":
    main()
