"""Derive the host's facts from the two lists of what PythonQt exposes.

Usage: ``python update_facts.py --from FOLDER`` where FOLDER holds ``slicer_api.json`` (classes of Slicer and CTK as
Qt's moc sees them) and ``qt_api.json`` (Qt's own classes as PythonQt wraps them). Only names and signatures are kept.
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path
from typing import Any

_TARGET = Path(__file__).resolve().parent / "desktop_host" / "data" / "facts.json.gz"


def _slicer_class(entry: dict[str, Any]) -> dict[str, Any]:
    """The part of one class that decides what Python may do with it."""
    properties = {
        name: [p["type"], p.get("read"), p.get("write"), p.get("notify")] for name, p in entry["properties"].items()
    }
    kept = {
        "ns": entry["namespace"],
        "ctor": entry["python_constructor"],
        "mro": entry["mro"],
        "props": properties,
        "signals": [s["sig"] for s in entry["signals"]],
        "slots": [s["sig"] for s in entry["slots"] + entry["invokables"]],
        "decorators": [[d["kind"], d["sig"]] for d in entry.get("decorators", [])],
        "enums": entry["enums"],
        "flags": entry.get("flags", []),
        "unreachable": sorted({*entry["hidden_slots"], *entry["cpp_only_methods"]}),
        "via": entry.get("namespace_via"),
        "kit": entry.get("kit"),
    }
    for key in ("missing_in", "only_in", "lines"):
        if entry.get(key):
            kept[key] = entry[key]
    return {key: value for key, value in kept.items() if value}


def derive(folder: Path) -> dict[str, Any]:
    """All facts of the host as one plain value."""
    slicer_api = json.loads((folder / "slicer_api.json").read_text(encoding="utf-8"))
    qt_api = json.loads((folder / "qt_api.json").read_text(encoding="utf-8"))
    return {
        "lines": sorted(slicer_api["lines"], key=str),
        "slicer_classes": {name: _slicer_class(entry) for name, entry in sorted(slicer_api["classes"].items())},
        "designer_widgets": {n: bool(w["container"]) for n, w in sorted(slicer_api["designer_widgets"].items())},
        "python_modules": slicer_api["python_modules"],
        "qt_classes": qt_api["classes"],
    }


def main() -> None:
    """Write the facts file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="folder", type=Path, required=True)
    facts = derive(parser.parse_args().folder)
    text = json.dumps(facts, separators=(",", ":"), sort_keys=True)
    _TARGET.parent.mkdir(parents=True, exist_ok=True)
    # mtime=0: the same facts give the same bytes
    _TARGET.write_bytes(gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0))
    print(f"{len(facts['slicer_classes'])} + {len(facts['qt_classes'])} classes, {_TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
