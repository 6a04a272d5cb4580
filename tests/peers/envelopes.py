"""securesystemslib verifies a DSSE envelope with a key that is named as the envelope names it."""

import driver

try:
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import SSlibKey
except ImportError as error:
    driver.absent(error)


def accept(case):
    public = load_pem_public_key(case["key"].encode())
    key = SSlibKey.from_crypto(public)
    # `from_crypto` takes an empty id for none and makes one of its own.
    key.keyid = case["keyid"]
    Envelope.from_dict(case["envelope"]).verify([key], 1)


driver.run("securesystemslib", accept)
