"""in-toto-attestation parses a statement, strictly, and validates it."""

import driver

try:
    from google.protobuf import json_format
    from in_toto_attestation.v1 import statement_pb2
    from in_toto_attestation.v1.statement import Statement
except ImportError as error:
    driver.absent(error)


def accept(case):
    parsed = json_format.Parse(case["statement"], statement_pb2.Statement())
    Statement.copy_from_pb(parsed).validate()


driver.run("in-toto-attestation", accept)
