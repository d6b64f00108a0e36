"""What is asked of CloudFormation, against one that remembers what it was asked."""

import unittest

from botocore.exceptions import ClientError

from ops.cloud import Cloud, Failed, Watch
from ops.judgement import Refusal

STACK = "arn:aws:cloudformation:eu-central-1:123456789012:stack/switchboard-test-app/1"


class Remembering:
    """A CloudFormation with one stack in a given state, whose change sets end as it was told."""

    def __init__(self, status: str | None, change_sets: list[dict]):
        self.status, self.change_sets, self.asked = status, change_sets, []

    def describe_stacks(self, **_):
        if self.status is None:
            error = {"Error": {"Code": "ValidationError", "Message": "Stack with id x does not exist"}}
            raise ClientError(error, "DescribeStacks")
        return {"Stacks": [{"StackId": STACK, "StackStatus": self.status}]}

    def create_change_set(self, **asked):
        self.asked.append(asked)

    def describe_change_set(self, **asked):
        self.asked.append(asked)
        return self.change_sets.pop(0)

    def delete_change_set(self, **_):
        self.asked.append("change set deleted")

    def delete_stack(self, **_):
        self.asked.append("stack deleted")


def cloud(status: str | None, *change_sets: dict) -> tuple[Cloud, Remembering]:
    """A cloud on a remembering CloudFormation."""
    remembering = Remembering(status, list(change_sets))
    made = Cloud.__new__(Cloud)
    made.cloudformation, made.role, made.limit_s, made.ask_every_s = remembering, {}, 0.0, 0.0
    return made, remembering


DONE = {"Status": "CREATE_COMPLETE", "Changes": []}
EMPTY = {"Status": "FAILED", "StatusReason": "The submitted information didn't contain changes."}


class Proposing(unittest.TestCase):
    """Change sets."""

    def test_a_stack_is_created_or_changed(self):
        for status, kind in ((None, "CREATE"), ("REVIEW_IN_PROGRESS", "CREATE"), ("UPDATE_COMPLETE", "UPDATE")):
            made, remembering = cloud(status, DONE)
            proposal = made.propose("app", {"TemplateURL": "u"}, {"A": "1"}, "c")
            self.assertEqual(remembering.asked[0]["ChangeSetType"], kind)
            self.assertEqual(remembering.asked[0]["Parameters"], [{"ParameterKey": "A", "ParameterValue": "1"}])
            self.assertEqual(proposal["creating"], kind == "CREATE")

    def test_all_pages_are_read(self):
        one, two = {"ResourceChange": {"LogicalResourceId": "A"}}, {"ResourceChange": {"LogicalResourceId": "B"}}
        made, _ = cloud("UPDATE_COMPLETE", DONE | {"Changes": [one], "NextToken": "t"}, DONE | {"Changes": [two]})
        self.assertEqual(made.propose("app", {}, {}, "c")["changes"], [one, two])

    def test_nothing_changes(self):
        made, remembering = cloud("UPDATE_COMPLETE", EMPTY)
        self.assertIsNone(made.propose("app", {}, {}, "c"))
        self.assertEqual(remembering.asked[-1], "change set deleted")

    def test_what_cloudformation_refuses_is_told_and_leaves_no_empty_stack(self):
        made, remembering = cloud("REVIEW_IN_PROGRESS", {"Status": "FAILED", "StatusReason": "no such template"})
        with self.assertRaisesRegex(Failed, "no such template"):
            made.propose("app", {}, {}, "c")
        self.assertEqual(remembering.asked[-2:], ["change set deleted", "stack deleted"])

    def test_a_stack_that_cannot_be_changed_is_left_alone(self):
        for status, why in (
            ("ROLLBACK_COMPLETE", "Delete the stack"),
            ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback"),
            ("UPDATE_IN_PROGRESS", "somebody else is at it"),
        ):
            made, remembering = cloud(status)
            with self.subTest(status=status), self.assertRaisesRegex(Failed, why):
                made.propose("app", {}, {}, "c")
            self.assertEqual(remembering.asked, [])

    def test_what_does_not_end_is_not_waited_for_for_ever(self):
        made, _ = cloud("UPDATE_COMPLETE", {"Status": "CREATE_IN_PROGRESS"})
        with self.assertRaisesRegex(Failed, "did not come to an end"):
            made.propose("app", {}, {}, "c")

    def test_alarms_watch_a_change_and_not_a_creation(self):
        watch = Watch(["switchboard-test-message-errors"], 10)
        made, remembering = cloud("UPDATE_COMPLETE", DONE)
        made.propose("app", {}, {}, "c", watch)
        arn = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:switchboard-test-message-errors"
        self.assertEqual(
            remembering.asked[0]["RollbackConfiguration"],
            {"RollbackTriggers": [{"Arn": arn, "Type": "AWS::CloudWatch::Alarm"}], "MonitoringTimeInMinutes": 10},
        )
        made, remembering = cloud(None, DONE)
        made.propose("app", {}, {}, "c", watch)
        self.assertNotIn("RollbackConfiguration", remembering.asked[0])


class Refusing(unittest.TestCase):
    """Nested stacks are judged by their own policies."""

    def test_a_table_in_a_nested_stack_is_kept(self):
        nested = {
            "ResourceChange": {
                "LogicalResourceId": "Data",
                "ResourceType": "AWS::CloudFormation::Stack",
                "Action": "Modify",
                "Replacement": "False",
                "ChangeSetId": "inner",
            }
        }
        removal = {"ResourceChange": {"LogicalResourceId": "ChatTable", "Action": "Remove"}}
        made, remembering = cloud("UPDATE_COMPLETE", {"Changes": [removal]})
        refusals = made.refusals([nested], {"data": frozenset({"ChatTable"})}, "root", frozenset())
        self.assertEqual(refusals, [Refusal("ChatTable", "would be removed (policy Delete)")])
        self.assertEqual(remembering.asked, [{"ChangeSetName": "inner"}])


if __name__ == "__main__":
    unittest.main()
