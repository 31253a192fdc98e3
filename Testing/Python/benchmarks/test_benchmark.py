"""The benchmark runs and says what it measured; what is fast stays so, by ratios with generous margins."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long  # a benchmark, and the conversion that it measures with

pytest.importorskip("openvino", reason="needs OpenVINO (install the 'openvino' extra)")
pytest.importorskip("slicer", reason="needs slicer-core (install the 'scene' extra)")

LEAST_RATIOS = {
    "warm click against SamPredictor.predict": 1.0,
    "warm click against the bare decoder": 0.2,
    "submit into 512^3": 3.0,
}


@pytest.fixture(scope="module")
def a_report(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    path = tmp_path_factory.mktemp("bench") / "report.json"
    script = repository / "Testing" / "Benchmarks" / "bench.py"
    parts = ["--quick", "--only", "warm_click", "submit", "--json", str(path)]
    subprocess.run([sys.executable, str(script), *parts], check=True)
    return json.loads(path.read_text())


def test_a_report_names_machine_versions_and_date(a_report: dict) -> None:
    assert a_report["machine"] and a_report["cores"] and a_report["date"]
    assert {"torch", "openvino", "numpy"} <= a_report["versions"].keys()


def test_every_row_says_what_was_compared_and_whether_the_target_is_met(a_report: dict) -> None:
    fields = {"name", "baseline_s", "ours_s", "ratio", "target", "met", "floor_s", "note"}
    assert a_report["rows"] and all(fields <= row.keys() for row in a_report["rows"])
    for row in a_report["rows"]:
        assert row["ratio"] == pytest.approx(row["baseline_s"] / row["ours_s"])
        assert row["met"] == (row["ratio"] >= row["target"])


def test_what_is_fast_has_stayed_so(a_report: dict) -> None:
    ratios = {row["name"]: row["ratio"] for row in a_report["rows"]}
    assert all(ratios[name] > least for name, least in LEAST_RATIOS.items()), ratios
