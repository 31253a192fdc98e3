"""What the page keeps of itself in a project comes back as it was, and anything that cannot be as it is at first."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from RWTHSAMWeb.actions.automatic import AutomaticActions
from RWTHSAMWeb.kept_choices import StateChoices
from RWTHSAMWeb.state import page_values

CHOSEN = {
    **{"layout": "four", "mask_fill": 0.2, "mask_outlines": True, "surfaces": False, "voxel_unit": "µm"},
    **{"auto_where": "range", "auto_first": 3, "auto_last": 9, "brush_is_sphere": True, "least_voxels": 8},
}


class Page(dict):
    """The page's state and the arrangement of its views."""

    def __init__(self) -> None:
        super().__init__(page_values.initial())
        self.arranged = ""
        self.choices = StateChoices(self, lambda layout: setattr(self, "arranged", layout))


@pytest.fixture
def a_page() -> Page:
    return Page()


def test_what_was_chosen_comes_back(a_page) -> None:
    a_page.update(CHOSEN)
    again = Page()
    again.choices.take_up(a_page.choices.kept())
    assert again == a_page and again.arranged == "four"
    assert a_page.choices.kept() == CHOSEN, "each choice is another one than at first, or is not tested"
    assert not any(CHOSEN[name] == page_values.initial()[name] for name in CHOSEN)


@pytest.mark.parametrize("wrong", [None, "x", [1], {}, -1, 1e400])
def test_what_cannot_be_is_as_at_first(a_page, wrong) -> None:
    a_page.update(CHOSEN)
    a_page.choices.take_up(dict.fromkeys(CHOSEN, wrong))
    assert {name: a_page[name] for name in CHOSEN} == {name: page_values.initial()[name] for name in CHOSEN}


def test_the_table_is_sorted_as_it_was() -> None:
    first = AutomaticActions(SimpleNamespace(), SimpleNamespace())
    first.table.sort("slices")
    again = AutomaticActions(SimpleNamespace(), SimpleNamespace())
    again.take_up(first.kept())
    assert again.kept() == first.kept() != AutomaticActions(SimpleNamespace(), SimpleNamespace()).kept()
    again.take_up({"detected_sort": "nothing", "detected_descending": 3})
    assert again.table.sort_by == "volume" and again.table.descending
