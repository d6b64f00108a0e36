"""How the linters are asked: once here, for the templates and for the faults that are planted to test the asking."""

import re

# A warning fails as an error does. I3011 asks for an explicit DeletionPolicy wherever deleting loses data.
CFN_LINT = [
    "--regions",
    "us-east-1",
    "eu-central-1",
    "--include-checks",
    "I3011",
    "--configure-rule",
    "E3012:strict=true",
]

# Those of checkov's checks that apply to our resource types and mean something for them.
_AWS = (
    7,  # keys rotate
    18, 19, 20, 21, 53, 54, 55, 56, 57,  # buckets: logged, encrypted, private, versioned
    23, 24, 25, 260,  # security groups: described, closed
    26, 27,  # topics and queues are encrypted
    28, 165,  # tables can be restored
    45, 115, 116, 117, 173, 363, 364,  # functions: no secrets, permissions with a source, a runtime that lives
    60, 61, 62, 63, 107, 108, 109, 110, 111, 366,  # roles: who may assume them, what they may do
    66, 158,  # log groups: kept for a while, encrypted
    95,  # APIs log who calls
)  # fmt: skip
CHECKOV = [
    "--compact", "--skip-download", "--framework", "cloudformation", "secrets",
    "--check", ",".join([*(f"CKV_AWS_{number}" for number in _AWS), "CKV_SECRET_*"]),
]  # fmt: skip

# checkov reads a template with the defaults of its parameters, and passes over what is then not there.
ON = {
    "AttachToVpc": "true", "NatMode": "per-az", "AdvancedAlarms": "true", "EnableCanary": "true",
    "EnableDeliveryStatus": "true", "AlarmEmail": "somebody@example.com", "StandbyRegion": "eu-west-1",
    "ReplicaRegion": "eu-west-1", "ReplicaKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/k",
    "MediaBucketName": "media", "AuthDomainPrefix": "chat", "GoogleClientId": "g", "AppleServicesId": "a",
    "SamlMetadataUrl": "https://idp.example.com/metadata", "OidcIssuer": "https://idp.example.com",
    "EndpointUrl": "https://vpce.example.com", "ManagementEndpoint": "https://{api}.example.com",
    "ApnsSecretArn": "arn:s", "ApnsSandboxSecretArn": "arn:s", "FcmSecretArn": "arn:s",
    "ApnsApplicationArn": "arn:a", "ApnsSandboxApplicationArn": "arn:a", "FcmApplicationArn": "arn:a",
}  # fmt: skip


def everything_on(text: str) -> str:
    """A template whose defaults switch every option on."""
    head, resources, tail = text.partition("\nResources:\n")
    for name, value in ON.items():
        declared = re.compile(rf"(?ms)^(  {name}:(?:(?!^  \w).)*?Default: )(\"[^\"]*\"|[^\s,}}]+)")
        head = declared.sub(lambda found, on=value: f'{found.group(1)}"{on}"', head, count=1)
    return head + resources + tail
