"""sigstore-python verifies a line that is signed without a lasting key, with a trusted root from a file."""

import json

import driver

try:
    from sigstore.models import Bundle, TrustedRoot
    from sigstore.verify import Verifier, policy
except ImportError as error:
    driver.absent(error)


def accept(case):
    verifier = Verifier(trusted_root=TrustedRoot.from_file(case["root"]))
    identity = policy.Identity(identity=case["subject"], issuer=case["issuer"])
    verifier.verify_dsse(Bundle.from_json(json.dumps(case["line"])), identity)


driver.run("sigstore", accept)
