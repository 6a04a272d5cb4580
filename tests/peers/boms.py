"""cyclonedx-python-lib validates a BOM strictly by the schema of its version, and reads it."""

import json

import driver

try:
    from cyclonedx.model.bom import Bom
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator
except ImportError as error:
    driver.absent(error)

validator = JsonStrictValidator(SchemaVersion.V1_6)


def accept(case):
    fault = validator.validate_str(case["bom"])
    if fault is not None:
        raise ValueError(str(fault.data))
    Bom.from_json(json.loads(case["bom"]))


driver.run("cyclonedx-python-lib", accept)
