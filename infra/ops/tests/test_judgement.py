"""The judgement on change sets, with changes that would destroy something planted into harmless ones."""

import json
import unittest

from ops.judgement import BadPolicy, judge, protected
from ops.toolbox import ROOT

KEEP = frozenset({"ChatTable", "Api"})


def change(logical_id: str, action: str, **more) -> dict:
    """A change as DescribeChangeSet tells it."""
    resource = {"LogicalResourceId": logical_id, "ResourceType": "AWS::Some::Thing", "Action": action} | more
    return {"Type": "Resource", "ResourceChange": resource}


HARMLESS = [
    change("ChatTable", "Modify", Replacement="False"),
    change("MessageFunction", "Modify", Replacement="True"),
    change("MessageVersion", "Remove", PolicyAction="Retain"),
    change("Api", "Add"),
    {"Type": "Hook"},
]


class Judging(unittest.TestCase):
    """Each planted change is found, and nothing else is."""

    def refused(self, planted: dict, **more) -> list[str]:
        return [str(it) for it in judge([*HARMLESS, planted], KEEP, **more)]

    def test_what_harms_nothing_protected_passes(self):
        self.assertEqual(judge(HARMLESS, KEEP), [])

    def test_a_replacement_is_refused_and_says_by_what(self):
        details = [
            {"Target": {"Attribute": "Properties", "Name": "KeySchema", "RequiresRecreation": "Always"}},
            {"Target": {"Attribute": "Properties", "Name": "BillingMode", "RequiresRecreation": "Never"}},
        ]
        planted = change("ChatTable", "Modify", Replacement="True", Details=details)
        self.assertEqual(self.refused(planted), ["ChatTable: would be replaced by a change of KeySchema"])

    def test_a_replacement_by_an_attribute_without_a_name_is_refused(self):
        details = [{"Target": {"Attribute": "Metadata", "RequiresRecreation": "Conditionally"}}]
        planted = change("ChatTable", "Modify", Replacement="Conditional", Details=details)
        self.assertEqual(self.refused(planted), ["ChatTable: may be replaced by a change of Metadata"])

    def test_a_removal_is_refused_even_where_the_resource_is_kept(self):
        self.assertEqual(self.refused(change("Api", "Remove")), ["Api: would be removed (policy Delete)"])
        self.assertEqual(
            self.refused(change("Api", "Remove", PolicyAction="Retain")), ["Api: would be removed (policy Retain)"]
        )

    def test_what_cannot_be_known_is_refused(self):
        self.assertEqual(self.refused(change("Api", "Dynamic")), ["Api: cannot be known before it happens"])
        self.assertEqual(self.refused(change("Api", "Modify")), ["Api: may be replaced: the change set says None"])

    def test_a_platform_application_stays_unless_what_makes_it_another_changes(self):
        def of(*names: str) -> dict:
            details = [
                {"Target": {"Attribute": "Properties", "Name": name, "RequiresRecreation": "Conditionally"}}
                for name in names
            ]
            kind = "Custom::PlatformApplication"
            return change("Api", "Modify", Replacement="Conditional", Details=details, ResourceType=kind)

        self.assertEqual(self.refused(of("SecretVersion", "EventTopicArn")), [])
        self.assertEqual(
            self.refused(of("SecretVersion", "Name")), ["Api: may be replaced by a change of Name, SecretVersion"]
        )
        self.assertEqual(self.refused(of()), ["Api: may be replaced"])
        nameless = of("Name")
        del nameless["ResourceChange"]["Details"][0]["Target"]["Name"]
        self.assertEqual(self.refused(nameless), ["Api: may be replaced by a change of Properties"])
        other = of("SecretVersion")
        other["ResourceChange"]["ResourceType"] = "Custom::Other"
        self.assertEqual(self.refused(other), ["Api: may be replaced by a change of SecretVersion"])

    def test_several_are_all_named(self):
        both = [change("Api", "Remove"), change("ChatTable", "Modify", Replacement="True")]
        self.assertEqual([it.logical_id for it in judge(both, KEEP)], ["Api", "ChatTable"])

    def test_what_was_agreed_to_by_name_passes_and_nothing_more(self):
        both = [change("Api", "Remove"), change("ChatTable", "Remove")]
        left = judge(both, KEEP, accepted=frozenset({"Api"}))
        self.assertEqual([it.logical_id for it in left], ["ChatTable"])


class Protecting(unittest.TestCase):
    """What a stack policy protects, read from the policy."""

    def policy(self, **deny) -> dict:
        statement = {"Effect": "Deny", "Action": ["Update:Replace", "Update:Delete"], "Principal": "*", **deny}
        return {"Statement": [{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}, statement]}

    def test_one_and_several(self):
        self.assertEqual(protected(self.policy(Resource="LogicalResourceId/Key")), {"Key"})
        self.assertEqual(protected(self.policy(Resource=["LogicalResourceId/A", "LogicalResourceId/B"])), {"A", "B"})

    def test_a_policy_that_protects_by_halves_is_no_policy(self):
        for deny in (
            {"Resource": "LogicalResourceId/Key", "Action": "Update:Replace"},
            {"Resource": "LogicalResourceId/*"},
            {"Resource": "*"},
            {"Resource": "LogicalResourceType/Key"},
        ):
            with self.subTest(deny=deny), self.assertRaises(BadPolicy):
                protected(self.policy(**deny))

    def test_the_policies_of_the_repository_are_read(self):
        found = sorted((ROOT / "infra/policies").glob("*.json"))
        self.assertTrue(found)
        for path in found:
            with self.subTest(path=path.name):
                self.assertTrue(protected(json.loads(path.read_text())))


if __name__ == "__main__":
    unittest.main()
