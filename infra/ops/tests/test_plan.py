"""Which stacks are deployed with which parameters, and the mistakes that are found before anything happens."""

import json
import unittest

from ops import plan
from ops.plan import Settings, Unplanned
from ops.template import Template
from ops.toolbox import ROOT

INFRA = ROOT / "infra"
TEMPLATES = {name: Template(INFRA / f"{name}.yaml") for name in [*plan.ORDER, "root"]}
# CloudFormation takes a template of this many bytes along with a request; a larger one has to lie in a bucket.
INLINE_BYTES_MAX = 51_200


def settings(stacks=None, **parameters) -> Settings:
    """What an operator gave."""
    return Settings.read(json.dumps({"parameters": parameters, "stacks": stacks or {}}))


class Order(unittest.TestCase):
    """Which stacks there are."""

    def test_without_a_domain_there_is_no_stack_for_it(self):
        self.assertEqual(plan.stacks(settings(), nested=False), [it for it in plan.ORDER if it != "dns"])
        self.assertIn("dns", plan.stacks(settings(DomainName="chat.example.com"), nested=False))

    def test_a_standby_region_has_no_users_of_its_own(self):
        self.assertNotIn("identity", plan.stacks(settings(RegionRole="SECONDARY"), nested=False))

    def test_in_one_piece_there_are_two(self):
        self.assertEqual(plan.stacks(settings(), nested=True), ["foundation", "root"])

    def test_the_first_stack_needs_no_bucket(self):
        self.assertLess(len(TEMPLATES["foundation"].text.encode()), INLINE_BYTES_MAX)


class Parameters(unittest.TestCase):
    """Where a parameter's value comes from."""

    def app(self, given: Settings, outputs: dict | None = None) -> dict:
        """The parameters of the stack app, with an output for each that has no default."""
        everything = {name: f"the {name}" for name in TEMPLATES["app"].without_default() if name != "ReleaseId"}
        return plan.parameters(TEMPLATES["app"], given, {}, {**everything, **(outputs or {})})

    def test_the_nearest_counts(self):
        outputs = {"KeyArn": "of the foundation"}
        self.assertEqual(self.app(settings(), outputs)["KeyArn"], "of the foundation")
        self.assertEqual(self.app(settings(KeyArn="everywhere"), outputs)["KeyArn"], "everywhere")
        given = settings(KeyArn="everywhere", stacks={"app": {"KeyArn": "here"}})
        self.assertEqual(self.app(given, outputs)["KeyArn"], "here")

    def test_an_output_of_another_name_fills_a_parameter(self):
        found = plan.parameters(
            TEMPLATES["app"],
            settings(),
            {},
            {name: "x" for name in TEMPLATES["app"].without_default() if name not in ("Issuers", "Audiences")}
            | {"Issuer": "https://issuer", "PhoneClientId": "phone"},
        )
        self.assertEqual((found["Issuers"], found["Audiences"]), ("https://issuer", "phone"))

    def test_what_nothing_gives_is_named(self):
        with self.assertRaisesRegex(Unplanned, "data: nothing gives EnvName, KeyArn"):
            plan.parameters(TEMPLATES["data"], settings(), {}, {})

    def test_a_default_is_left_to_the_template(self):
        self.assertNotIn("PushText", self.app(settings()))

    def test_a_release_follows_from_what_is_deployed(self):
        one, same = self.app(settings())["ReleaseId"], self.app(settings())["ReleaseId"]
        self.assertEqual(one, same)
        self.assertNotEqual(one, self.app(settings(PushText="preview"))["ReleaseId"])
        self.assertNotEqual(one, self.app(settings(), {"MessageKey": "functions/message-2.zip"})["ReleaseId"])
        self.assertEqual(self.app(settings(ReleaseId="r7"))["ReleaseId"], "r7")

    def test_every_parameter_without_default_is_given_by_somebody(self):
        outputs = {name for template in TEMPLATES.values() for name in template.outputs}
        derived = {
            f"{name}Key"
            for name in (
                "Authorize",
                "Connect",
                "Disconnect",
                "Message",
                "Deliver",
                "Census",
                "Feedback",
                "Applications",
            )
        }
        by_hand = {"EnvName", "DomainName", "HostedZoneId", "ReleaseId", "TemplateBase"}
        for stack, template in TEMPLATES.items():
            for name in template.without_default():
                filled = {name, plan.FILLED_BY.get(name)} & (outputs | derived | by_hand | plan.EMPTY_WITHOUT_OUTPUT)
                self.assertTrue(filled, f"{stack}.{name}")


class Mistakes(unittest.TestCase):
    """What an operator may get wrong."""

    def test_files_that_are_not_what_they_should_be(self):
        for text, why in (
            ("{", "not JSON"),
            ("[]", "expected"),
            ('{"params": {}}', "expected"),
            ('{"parameters": {"ThrottleRate": 4000}}', "parameters.ThrottleRate: expected a string"),
            ('{"stacks": {"app": []}}', "app: expected an object"),
        ):
            with self.subTest(text=text), self.assertRaisesRegex(Unplanned, why):
                Settings.read(text)

    def test_names_that_nobody_knows(self):
        with self.assertRaisesRegex(Unplanned, "no template has a parameter DomianName"):
            settings(DomianName="chat.example.com").check(TEMPLATES)
        with self.assertRaisesRegex(Unplanned, "there is no stack apps"):
            settings(stacks={"apps": {}}).check(TEMPLATES)
        with self.assertRaisesRegex(Unplanned, "data.yaml has no parameter PushText"):
            settings(stacks={"data": {"PushText": "generic"}}).check(TEMPLATES)

    def test_an_environment_is_called_as_the_templates_demand(self):
        for name, template in TEMPLATES.items():
            self.assertEqual(template.parameters["EnvName"]["AllowedPattern"], plan.ENVIRONMENT.pattern, name)

    def test_the_examples_of_the_repository_are_right(self):
        found = sorted((INFRA / "params").glob("*.json"))
        self.assertTrue(found)
        for path in found:
            with self.subTest(path=path.name):
                Settings.read(path.read_text()).check(TEMPLATES)


if __name__ == "__main__":
    unittest.main()
