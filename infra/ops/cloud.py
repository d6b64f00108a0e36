"""CloudFormation and S3, as a deployment uses them."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ops.judgement import Refusal, judge

CAPABILITIES = ["CAPABILITY_IAM"]
TAGS_OF = "switchboard"
# CloudFormation tells of nothing by itself: it is asked this often.
ASK_EVERY_S = 2.0
ASK_LOCAL_EVERY_S = 0.1


@dataclass(frozen=True)
class Watch:
    """Alarms that take a change back when they ring while it is under way, or so many minutes afterwards."""

    alarms: list[str]
    minutes: int

    def of(self, stack: dict) -> dict:
        """As CloudFormation wants it; the alarms are of the same account and Region as the stack."""
        _, partition, _, region, account, _ = stack["StackId"].split(":", 5)
        arn = f"arn:{partition}:cloudwatch:{region}:{account}:alarm:"
        triggers = [{"Arn": arn + name, "Type": "AWS::CloudWatch::Alarm"} for name in self.alarms]
        return {"RollbackConfiguration": {"RollbackTriggers": triggers, "MonitoringTimeInMinutes": self.minutes}}


class Failed(Exception):
    """CloudFormation did not do what it was asked to."""


def say(line: str) -> None:
    """Progress goes to standard error: standard output belongs to the result."""
    print(line, file=sys.stderr, flush=True)


class Cloud:
    """One Region of one account, or something that speaks like it."""

    def __init__(self, region: str, endpoint_url: str | None, role: str | None, limit_s: float):
        config = Config(
            region_name=region, retries={"mode": "standard", "max_attempts": 5}, s3={"addressing_style": "path"}
        )
        session = boto3.session.Session(region_name=region)
        client = lambda name: session.client(name, endpoint_url=endpoint_url, config=config)  # noqa: E731
        self.cloudformation, self.s3, self.dynamodb = client("cloudformation"), client("s3"), client("dynamodb")
        self.client = client
        self.role = {"RoleARN": role} if role else {}
        self.limit_s = limit_s
        self.ask_every_s = ASK_LOCAL_EVERY_S if endpoint_url else ASK_EVERY_S

    # -- What is there

    def stack(self, name: str) -> dict | None:
        """A stack's description; `None` where there is none."""
        try:
            found = self.cloudformation.describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        live = [it for it in found if it["StackStatus"] != "DELETE_COMPLETE"]
        return live[0] if live else None

    def outputs(self, name: str) -> dict[str, str]:
        """What a stack puts out."""
        stack = self.stack(name) or {}
        return {it["OutputKey"]: it["OutputValue"] for it in stack.get("Outputs", [])}

    def upload(self, bucket: str, key: str, body: bytes, content_type: str) -> str:
        """Puts an object that is named by its content, once. Returns its URL."""
        try:
            self.s3.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("404", "NoSuchKey", "NotFound"):
                raise
            self.s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)
        return f"{self.s3.meta.endpoint_url}/{bucket}/{key}"

    # -- Change sets

    def propose(
        self,
        name: str,
        template: dict[str, str],
        parameters: dict[str, str],
        change_set: str,
        watch: Watch | None = None,
    ) -> dict | None:
        """Makes a change set. `None` where nothing would change."""
        stack = self.stack(name)
        status = stack["StackStatus"] if stack else None
        self._must_be_changeable(name, status)
        creating = status in (None, "REVIEW_IN_PROGRESS")
        self.cloudformation.create_change_set(
            StackName=name,
            ChangeSetName=change_set,
            ChangeSetType="CREATE" if creating else "UPDATE",
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=CAPABILITIES,
            IncludeNestedStacks=True,
            Tags=[{"Key": "application", "Value": TAGS_OF}],
            **template,
            **self.role,
            **(watch.of(stack) if watch and not creating else {}),
        )
        asked = {"StackName": name, "ChangeSetName": change_set}
        found = self._until(
            lambda: self.cloudformation.describe_change_set(**asked),
            lambda it: it["Status"] in ("CREATE_COMPLETE", "FAILED"),
            f"the change set of {name}",
        )
        if found["Status"] == "FAILED":
            reason = found.get("StatusReason", "")
            self.withdraw(name, change_set)
            if "didn't contain changes" in reason or "No updates are to be performed" in reason:
                return None
            raise Failed(f"{name}: CloudFormation refused the change set: {reason}")
        return {"creating": creating, "changes": self._changes(asked, found), "name": change_set}

    def _changes(self, asked: dict[str, str], page: dict) -> list[dict]:
        """The changes of all pages of a change set, given the first."""
        changes = list(page.get("Changes", []))
        while page.get("NextToken"):
            page = self.cloudformation.describe_change_set(**asked, NextToken=page["NextToken"])
            changes.extend(page.get("Changes", []))
        return changes

    def refusals(self, changes: list[dict], policies: dict, stack: str, accepted: frozenset[str]) -> list[Refusal]:
        """What must not happen, in the stack and in those nested in it."""
        found = judge(changes, policies.get(stack, frozenset()), accepted)
        for change in changes:
            resource = change.get("ResourceChange", {})
            nested = resource.get("ChangeSetId")
            if resource.get("ResourceType") != "AWS::CloudFormation::Stack" or not nested:
                continue
            asked = {"ChangeSetName": nested}
            inner = self._changes(asked, self.cloudformation.describe_change_set(**asked))
            found += self.refusals(inner, policies, resource["LogicalResourceId"].lower(), accepted)
        return found

    def withdraw(self, name: str, change_set: str) -> None:
        """Removes a change set, and the stack that exists for nothing but it."""
        self.cloudformation.delete_change_set(StackName=name, ChangeSetName=change_set)
        stack = self.stack(name)
        if stack and stack["StackStatus"] == "REVIEW_IN_PROGRESS":
            self.cloudformation.delete_stack(StackName=name)

    def execute(self, name: str, change_set: str) -> None:
        """Carries a change set out and waits for the end of it."""
        before = time.time()
        self.cloudformation.execute_change_set(StackName=name, ChangeSetName=change_set)
        waiting = ("REVIEW_IN_PROGRESS",)
        status = self._until(
            lambda: (self.stack(name) or {}).get("StackStatus", "DELETE_COMPLETE"),
            lambda it: not it.endswith("_IN_PROGRESS") and it not in waiting,
            f"{name}",
        )
        if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise Failed(f"{name} ended as {status}\n" + "\n".join(self.reasons(name, before)))

    def reasons(self, name: str, since: float) -> list[str]:
        """What failed first, and why, as the stack's events say."""
        pages = self.cloudformation.get_paginator("describe_stack_events").paginate(StackName=name)
        events = [event for page in pages for event in page["StackEvents"]]
        return [
            f"  {it['LogicalResourceId']} ({it['ResourceType']}): {it.get('ResourceStatusReason', 'no reason given')}"
            for it in reversed(events)
            if it["ResourceStatus"].endswith("_FAILED") and it["Timestamp"].timestamp() >= since - 60
        ]

    def delete(self, name: str) -> None:
        """Deletes a stack and waits until it has gone."""
        before = time.time()
        stack = self.stack(name)
        if stack is None:
            return
        self.cloudformation.delete_stack(StackName=name, **self.role)
        status = self._until(
            lambda: (
                self.cloudformation.describe_stacks(StackName=stack["StackId"])["Stacks"][0]["StackStatus"]
                if self._is_there(stack["StackId"])
                else "DELETE_COMPLETE"
            ),
            lambda it: it in ("DELETE_COMPLETE", "DELETE_FAILED"),
            f"{name}",
        )
        if status == "DELETE_FAILED":
            raise Failed(f"{name} could not be deleted\n" + "\n".join(self.reasons(stack["StackId"], before)))

    def _is_there(self, name: str) -> bool:
        try:
            return bool(self.cloudformation.describe_stacks(StackName=name)["Stacks"])
        except ClientError as error:
            if "does not exist" in str(error):
                return False
            raise

    def _must_be_changeable(self, name: str, status: str | None) -> None:
        if status == "ROLLBACK_COMPLETE":
            raise Failed(
                f"{name}: its creation failed and was rolled back. Delete the stack, then deploy again:\n"
                f"  aws cloudformation delete-stack --stack-name {name}"
            )
        if status == "UPDATE_ROLLBACK_FAILED":
            raise Failed(
                f"{name}: a rollback failed. Mend what it names, then:\n"
                f"  aws cloudformation continue-update-rollback --stack-name {name}"
            )
        if status and status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
            raise Failed(f"{name} is {status}: somebody else is at it")

    def _until(self, ask, done, what: str):
        """Asks until the answer is final, for as long as the whole deployment may take."""
        end = time.monotonic() + self.limit_s
        while True:
            answer = ask()
            if done(answer):
                return answer
            if time.monotonic() >= end:
                raise Failed(f"{what} did not come to an end within {self.limit_s:.0f} s; it goes on without this tool")
            time.sleep(self.ask_every_s)


def text_of(error: Exception) -> str:
    """An error of AWS in one line."""
    if isinstance(error, ClientError):
        return (
            f"{error.operation_name}: {error.response['Error'].get('Code')}: {error.response['Error'].get('Message')}"
        )
    return str(error)


ERRORS = (BotoCoreError, ClientError, Failed)


def policies(folder: Path) -> dict[str, str]:
    """The stack policies by the stack's name."""
    prefix = "stack-policy-"
    return {path.stem.removeprefix(prefix): path.read_text() for path in sorted(folder.glob(f"{prefix}*.json"))}
