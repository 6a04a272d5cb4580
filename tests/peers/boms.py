"""cyclonedx-python-lib validates a BOM strictly by the schema of its version, and reads it."""

import json

import driver

try:
    from cyclonedx.model.bom import Bom
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator
except ImportError as error:
    driver.absent(error)

validators = {version.to_version(): JsonStrictValidator(version) for version in (SchemaVersion.V1_6, SchemaVersion.V1_7)}


def accept(case):
    bom = json.loads(case["bom"])
    fault = validators[bom["specVersion"]].validate_str(case["bom"])
    if fault is not None:
        raise ValueError(str(fault.data))
    Bom.from_json(bom)


driver.run("cyclonedx-python-lib", accept)
