"""securesystemslib signs payloads as DSSE envelopes; in-toto-attestation writes those that are links.

A case has a `payload`, or a `subject` and the name of a step, and the private `keys` that sign. What is said is the
envelope.
"""

import json

import driver

try:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from google.protobuf import json_format
    from in_toto_attestation.predicates.link.v0 import link_pb2
    from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
    from in_toto_attestation.v1.statement import Statement
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import CryptoSigner
except ImportError as error:
    driver.absent(error)


def link(case):
    predicate = link_pb2.Link(name=case["step"], command=["python", "train.py"])
    material = ResourceDescriptor(name="data", digest={"sha256": "0" * 64})
    predicate.materials.append(material.pb)
    predicate.byproducts.update({"return-value": 0})
    subject = ResourceDescriptor(name="model", digest={"sha256": case["subject"]})
    statement = Statement(
        [subject.pb], "https://in-toto.io/attestation/link/v0.3", json_format.MessageToDict(predicate)
    )
    statement.validate()
    return json_format.MessageToJson(statement.pb)


def sign(case):
    payload = case["payload"] if "payload" in case else link(case)
    envelope = Envelope(payload.encode(), "application/vnd.in-toto+json", {})
    for pem in case["keys"]:
        envelope.sign(CryptoSigner(load_pem_private_key(pem.encode(), None)))
    return json.dumps(envelope.to_dict())


driver.run("securesystemslib", sign)
