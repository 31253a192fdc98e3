"""Write what the JSON schemas say of settings from the settings themselves.

The rest of a schema is written by hand. Run this after changing a setting, its limits or its help:

    python Utilities/update_schemas.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
LINE_LENGTH = 120
FOLDER = REPOSITORY / "RWTHSAM" / "RWTHSAMLib" / "schemas"
sys.path.insert(0, str(REPOSITORY / "RWTHSAM"))

from RWTHSAMLib.cli.batch.step_schema import steps_schema  # noqa: E402
from RWTHSAMLib.core.profile import MAX_CLASSES  # noqa: E402
from RWTHSAMLib.core.settings.automatic import AutomaticSettings  # noqa: E402
from RWTHSAMLib.core.settings.class_rules import rule_schema  # noqa: E402
from RWTHSAMLib.core.settings.propagation_run import PropagationRunSettings  # noqa: E402
from RWTHSAMLib.core.settings.schema import settings_schema  # noqa: E402

Schema = dict[str, Any]


def main() -> None:
    for path in sorted(FOLDER.glob("*.schema.json")):
        schema = with_settings(path.name.partition(".")[0], json.loads(path.read_text(encoding="utf-8")))
        path.write_text(text_of(schema), encoding="utf-8", newline="\n")


def with_settings(name: str, schema: Schema) -> Schema:
    """A schema with the parts that settings define."""
    parts = {"job": _job_parts, "profile": _profile_parts, "prompts": _prompts_parts}[name]()
    return {**schema, "$defs": {**schema["$defs"], **parts}}


def text_of(schema: Schema) -> str:
    """The file's text; what fits into a line is one."""
    return f"{_lines(schema, '', '')}\n"


def _lines(value: Any, indent: str, before: str) -> str:
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or len(indent) + len(before) + len(line) < LINE_LENGTH:
        return line
    deeper = indent + "  "
    if isinstance(value, list):
        parts = [deeper + _lines(each, deeper, "") for each in value]
        return "[\n" + ",\n".join(parts) + f"\n{indent}]"
    names = [f"{json.dumps(name)}: " for name in value]
    parts = [deeper + name + _lines(each, deeper, name) for name, each in zip(names, value.values(), strict=True)]
    return "{\n" + ",\n".join(parts) + f"\n{indent}}}"


def _job_parts() -> Schema:
    return {"steps": steps_schema()}


def _profile_parts() -> Schema:
    classes = {"type": "array", "minItems": 1, "maxItems": MAX_CLASSES, "items": {"$ref": "#/$defs/class"}}
    return {"settings": settings_schema(AutomaticSettings), "rule": rule_schema(), "classes": classes}


def _prompts_parts() -> Schema:
    return {"propagation_settings": settings_schema(PropagationRunSettings)}


if __name__ == "__main__":
    main()
