"""In which order the files of a run begin: the longest first, so that no process is left with one of them at the end.

The names are those that `Utilities/slowest_tests.py --files` prints; all other files begin after them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

LONGEST_FIRST = (
    "test_openvino.py",
    "test_web_automatic.py",
    "test_worker.py",
    "test_rwthsam_effect.py",
    "test_web_in_reach.py",
    "test_web_start.py",
    "test_rwthsam_automatic.py",
    "test_web_tutorial.py",
    "test_web_projects.py",
    "test_batch_workers.py",
    "test_web_app.py",
    "test_rwthsam_main_job.py",
    "test_rwthsam_life.py",
    "test_click_accuracy.py",
    "test_rwthsam_pictures.py",
    "test_web_rendering.py",
    "test_batch_command.py",
    "test_web_calls.py",
    "test_web_propagation.py",
    "test_web_scan_on_disk.py",
    "test_segment_any_machine.py",
    "test_read_segmentation.py",
    "test_interrupt.py",
    "test_rwthsam_propagation.py",
    "test_loading.py",
    "test_provenance_command.py",
    "test_automatic_masks.py",
    "test_degenerate.py",
    "test_rwthsam_nodes.py",
    "test_auto_command.py",
    "test_rwthsam_start.py",
    "test_factored_decoder.py",
    "test_rwthsam_odd_nodes.py",
    "test_rwthsam_measurement.py",
    "test_net_engine.py",
    "test_web_threshold.py",
    "test_engine.py",
    "test_propagation.py",
    "test_web_windings.py",
    "test_segment_command.py",
    "test_web_large_slices.py",
    "test_rwthsam_rendering.py",
    "test_profiles_life.py",
    "test_web_export.py",
    "test_report_command.py",
    "test_propagate_command.py",
    "test_rwthsam_model.py",
    "test_web_shared_page.py",
    "test_embedding_budget.py",
    "test_convert_command.py",
    "test_web_requests.py",
    "test_scan_changes.py",
    "test_training_loop.py",
    "test_training_samples.py",
    "test_training_evaluation.py",
    "test_outputs.py",
    "test_sam2_engine.py",
    "test_export_command.py",
    "test_web_oblique.py",
    "test_own_weights.py",
    "test_encode_many.py",
    "test_rwthsam_threshold.py",
)


class Test(Protocol):
    """What is known of a collected test."""

    path: Path


def rank(test: Test) -> int:
    """Place of a test's file in the run; equal ones keep their order."""
    name = test.path.name
    return LONGEST_FIRST.index(name) if name in LONGEST_FIRST else len(LONGEST_FIRST)
