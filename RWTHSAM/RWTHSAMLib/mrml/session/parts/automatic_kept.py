"""What a person did with automatically found objects, and how a project keeps it with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from ....algorithms.automatic.found_codec import FoundSlices, found_of, found_to_dict
from ....core.json_document import Json, Node

ReviewState = Literal["open", "accepted", "rejected", "submitted"]
STATES: tuple[ReviewState, ...] = get_args(ReviewState)
CHOSEN_STATES: tuple[ReviewState, ...] = ("open", "accepted", "rejected")
"""Those that a person can choose."""
_KEYS = ("axis", "slices", "reviews", "selection", "source")


@dataclass(frozen=True)
class Review:
    """What a person did with an object; `class_id` where it was submitted to."""

    state: ReviewState = "open"
    class_id: str | None = None


@dataclass(frozen=True, eq=False)
class KeptObjects:
    """Objects of one run.

    Attributes
    ----------
    slices : FoundSlices
    reviews : mapping of int to Review
        By number.
    selection : tuple of int
    source : dict
        The run's settings, JSON.
    """

    slices: FoundSlices
    reviews: Mapping[int, Review]
    selection: tuple[int, ...]
    source: dict[str, Json]


def kept_to_dict(kept: KeptObjects) -> dict[str, Json]:
    """What `kept_of` reads."""
    reviews: list[Json] = [
        {"number": number, "state": each.state, "class": each.class_id} for number, each in kept.reviews.items()
    ]
    return {
        **found_to_dict(kept.slices),
        "reviews": reviews,
        "selection": list(kept.selection),
        "source": kept.source,
    }


def kept_of(node: Node, shape_kji: tuple[int, int, int]) -> KeptObjects:
    """Objects of a parsed document.

    Raises
    ------
    InputError
        Of the document's kind, if anything is missing or does not fit the scan.
    """
    node.only(*_KEYS)
    reviews: dict[int, Review] = {}
    for each in node.item("reviews").items():
        class_id = each.optional("class")
        state = each.item("state").one_of(STATES)
        reviews[each.item("number").whole()] = Review(state, None if class_id is None else class_id.text())
    selection = tuple(each.whole() for each in node.item("selection").items())
    return KeptObjects(found_of(node, shape_kji), reviews, selection, node.item("source").members())
