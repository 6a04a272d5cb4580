"""Write environment.cdx.json: who made the installed packages of code/requirements.txt, and under which licences.

    python code/environment.py

Reads what the packages state of themselves (importlib.metadata) and nothing else.
"""

import importlib.metadata
import json
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent.parent


def producer(metadata):
    for key in ["Author", "Maintainer", "Author-email", "Maintainer-email"]:
        name = re.sub(r"\s*<[^>]*>", "", metadata.get(key) or "").strip().strip('"')
        if name:
            return name
    return None


def license(metadata):
    expression = metadata.get("License-Expression")
    if expression:
        return {"expression": expression} if " " in expression else {"license": {"id": expression}}
    stated = [line.rsplit(" :: ", 1)[-1] for line in metadata.get_all("Classifier") or [] if line.startswith("License ::")]
    name = stated[0] if stated else (metadata.get("License") or "").splitlines()[0]
    return {"license": {"name": name}}


def component(line):
    name, version = re.match(r"([A-Za-z0-9._-]+)==([^ ]+)", line).groups()
    metadata = importlib.metadata.metadata(name)
    purl = f"pkg:pypi/{re.sub(r'[-_.]+', '-', name).lower()}@{version}"
    found = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    made = producer(metadata)
    return found | ({"supplier": {"name": made}} if made else {}) | {"licenses": [license(metadata)]}


def main():
    lines = (HERE / "code" / "requirements.txt").read_text().splitlines()
    components = [component(line) for line in lines if "==" in line]
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components}
    (HERE / "environment.cdx.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
