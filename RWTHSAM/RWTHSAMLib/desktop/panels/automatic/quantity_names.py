"""Short names of what can be measured of an object, for headings and lists; the long ones are their tooltips."""

from __future__ import annotations

from slicer.i18n import tr as _

from ....core.settings.class_rules import QUANTITIES


def quantity_names() -> dict[str, str]:
    """A name of two or three words for every quantity of `class_rules.QUANTITIES`, in the same order."""
    names = {
        "area_mm2": _("Largest area (mm²)"),
        "volume_mm3": _("Volume (mm³)"),
        "slice_count": _("Slices"),
        "mean_grey": _("Mean grey"),
        "roundness": _("Roundness"),
        "x_share": _("Place from left"),
        "y_share": _("Place from top"),
        "from_middle": _("From the middle"),
        "predicted_iou": _("Predicted IoU"),
        "stability_score": _("Stability"),
    }
    return {name: names.get(name, name) for name in QUANTITIES}
