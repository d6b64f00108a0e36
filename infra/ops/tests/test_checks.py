"""Whether "every option on" switches every option on: what stands under a condition is read by checkov only then."""

import tempfile
import unittest
from pathlib import Path

from ops.checks import ON, everything_on
from ops.template import Template
from ops.toolbox import ROOT

# Empty or "false" by default, and nothing that a role, a bucket or a key depends on.
NO_OPTION = {
    "AllowSignUp",
    "AllowPasswordAuth",
    "Protected",
    "GoogleSecretArn",
    "AppleTeamId",
    "AppleKeyId",
    "AppleSecretArn",
    "OidcClientId",
    "OidcSecretArn",
    # Of the nested root, whose children are read by themselves.
    "Issuers",
}


class EverythingOn(unittest.TestCase):
    """The defaults of the copies."""

    def test_every_option_is_on_in_the_copies(self):
        switched = set()
        for path in sorted((ROOT / "infra").glob("*.yaml")):
            with self.subTest(path=path.name), tempfile.TemporaryDirectory() as folder:
                copy = Path(folder) / path.name
                copy.write_text(everything_on(path.read_text()))
                parameters = Template(copy).parameters
                off = {name for name, it in parameters.items() if it.get("Default") in ("", "false")}
                self.assertEqual(off - NO_OPTION, set())
                on = {name for name in ON if name in parameters}
                self.assertEqual({name: parameters[name]["Default"] for name in on}, {name: ON[name] for name in on})
                switched |= on
        self.assertEqual(set(ON), switched, "an option that no template has any more")


if __name__ == "__main__":
    unittest.main()
