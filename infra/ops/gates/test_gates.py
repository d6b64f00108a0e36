"""Whether the gates shut: faults are planted into copies of the templates, and each has to be found by the rule named.

A linter that is configured not to look passes everything, so its configuration is tested by what it refuses.
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from ops.checks import CFN_LINT, CHECKOV, everything_on
from ops.toolbox import ROOT

INFRA = ROOT / "infra"
TOOLS = Path(sys.executable).parent

# Template, what stands there, what is planted, the rule that has to find it.
LINTED = [
    ("data", "BillingMode: PAY_PER_REQUEST", "BilingMode: PAY_PER_REQUEST", "E3002"),
    ("data", "BillingMode: PAY_PER_REQUEST", "BillingMode: PAY_PER_REQEST", "E3030"),
    ("data", "KMSMasterKeyId: !Ref KeyArn", "KMSMasterKeyId: !Ref KeyArm", "E1020"),
    ("data", "!GetAtt ChatTable.StreamArn", "!GetAtt ChatTable.StreamArm", "E6101"),
    ("data", "Condition: IsPrimary", "Condition: IsPrimery", "E3015"),
    ("data", "  ReplicaKeyArn: {", "  Unused: { Type: String }\n  ReplicaKeyArn: {", "W2001"),
    ("foundation", "PrivateC: 10.20.8.0/22", "PrivateC: 10.20.8.0/44", "W1034"),
    ("foundation", "Type: AWS::EC2::InternetGateway", "Type: AWS::EC2::InternetGatewy", "E3006"),
    ("foundation", "    DependsOn: InternetGatewayAttachment", "    DependsOn: InternetGatewayAttachmint", "E3005"),
    ("identity", "Action: sts:AssumeRoleWithWebIdentity", "Action: sts:AssumeRoleWithWebIdentety", "W3037"),
    ("identity", "UserPoolId: !Ref UserPool\n      GroupName: customer", "GroupName: customer", "E3003"),
    ("push", "Runtime: provided.al2023", "Runtime: provided", "E2531"),
    ("push", "RetentionInDays: !Ref LogRetentionDays", "RetentionInDays: 31", "E3030"),
    (
        "push",
        "TopicName: !Sub switchboard-${EnvName}-push-events",
        "TopicName: !Sub switchboard-${EnvNome}-push-events",
        "E1019",
    ),
    ("push", "Handler: bootstrap\n", "Handler: bootstrap\n      Tags: !Ref FeedbackAlias\n", "E3004"),
    (
        "dns",
        "Failover: !If [FailsOver, !Ref RegionRole, !Ref AWS::NoValue]",
        "Failover: !If [FailsOver, MAIN, !Ref AWS::NoValue]",
        "E3030",
    ),
]
CHECKED = [
    ("foundation", "EnableKeyRotation: true", "EnableKeyRotation: false", "CKV_AWS_7"),
    (
        "foundation",
        "      LoggingConfiguration: { DestinationBucketName: !Ref AccessLogBucket, LogFilePrefix: artifacts/ }\n",
        "",
        "CKV_AWS_18",
    ),
    ("foundation", "BlockPublicAcls: true", "BlockPublicAcls: false", "CKV_AWS_53"),
    (
        "foundation",
        "VersioningConfiguration: { Status: Enabled }",
        "VersioningConfiguration: { Status: Suspended }",
        "CKV_AWS_21",
    ),
    (
        "foundation",
        "DisplayName: !Sub Switchboard ${EnvName} needs somebody now\n      KmsMasterKeyId: !Ref Key",
        "DisplayName: now",
        "CKV_AWS_26",
    ),
    ("foundation", "KmsKeyId: !GetAtt Key.Arn", "LogGroupClass: STANDARD", "CKV_AWS_158"),
    (
        "foundation",
        "      SecurityGroupEgress:",
        "      SecurityGroupIngress:\n        - { IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0, Description: any }\n      SecurityGroupEgress:",
        "CKV_AWS_24",
    ),
    ("foundation", "Principal: { Service: apigateway.amazonaws.com }", 'Principal: { AWS: "*" }', "CKV_AWS_60"),
    ("push", "      KmsMasterKeyId: !Ref KeyArn\n", "", "CKV_AWS_27"),
    (
        "push",
        "      Principal: sns.amazonaws.com\n      SourceArn: !Ref PushEvents",
        "      Principal: sns.amazonaws.com",
        "CKV_AWS_364",
    ),
    (
        "push",
        "Resource: !GetAtt FeedbackFailures.Arn\n              - Sid: Key",
        'Resource: "*"\n              - Sid: Key',
        "CKV_AWS_111",
    ),
    ("push", "      RetentionInDays: !Ref LogRetentionDays\n", "", "CKV_AWS_66"),
    (
        "push",
        "          RELEASE: !Ref ReleaseId\n",
        "          RELEASE: !Ref ReleaseId\n          KEY: " + "AKIA" + "IOSFODNN7EXAMPLE\n",
        "CKV_AWS_45",
    ),
    (
        "data",
        "PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true }",
        "PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false }",
        "CKV_AWS_165",
    ),
]


class Gates(unittest.TestCase):
    """Each planted fault is found."""

    def plant(self, folder: Path, faults: list, finish=lambda text: text) -> dict[str, str]:
        """Writes a copy for each fault. Returns the rule to expect by the copy's path."""
        expected = {}
        for number, (template, there, planted, rule) in enumerate(faults):
            text = (INFRA / f"{template}.yaml").read_text()
            self.assertIn(there, text, f"{template}.yaml no longer has what fault {number} changes")
            path = folder / f"{number:02}-{template}.yaml"
            path.write_text(finish(text.replace(there, planted, 1)))
            expected[str(path)] = rule
        return expected

    def run_tool(self, command: list[str]) -> object:
        environment = {**os.environ, "BC_SKIP_MAPPING": "TRUE", "LOG_LEVEL": "ERROR"}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=INFRA)
        self.assertNotEqual(done.returncode, 0, "the tool passes templates that are full of faults")
        return json.loads(done.stdout)

    def found(self, expected: dict[str, str], seen: dict[str, set[str]]) -> None:
        for path, rule in expected.items():
            with self.subTest(copy=Path(path).name, rule=rule):
                self.assertIn(rule, seen.get(path, set()))

    def test_cfn_lint_finds_what_it_is_there_for(self):
        with tempfile.TemporaryDirectory() as folder:
            expected = self.plant(Path(folder), LINTED)
            findings = self.run_tool([str(TOOLS / "cfn-lint"), *CFN_LINT, "--format", "json", "--", *expected])
            seen: dict[str, set[str]] = {}
            for finding in findings:
                seen.setdefault(finding["Filename"], set()).add(finding["Rule"]["Id"])
            self.found(expected, seen)

    def test_checkov_finds_what_it_is_there_for(self):
        with tempfile.TemporaryDirectory() as folder:
            # What stands under a condition is only seen where the condition holds.
            expected = self.plant(Path(folder), CHECKED, everything_on)
            files = [part for path in expected for part in ("--file", path)]
            reports = self.run_tool([str(TOOLS / "checkov"), *CHECKOV, "--output", "json", *files])
            seen: dict[str, set[str]] = {}
            for report in reports if isinstance(reports, list) else [reports]:
                for failed in report["results"]["failed_checks"]:
                    seen.setdefault(failed["file_abs_path"], set()).add(failed["check_id"])
            self.found(expected, seen)


if __name__ == "__main__":
    unittest.main()
