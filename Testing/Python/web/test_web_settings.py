"""Every setting has a widget on the page that explains it, or is named here with the reason why not."""

from __future__ import annotations

import html

import pytest
from every_setting import settings_without
from trame.app import get_server

from RWTHSAMLib.core.settings.automatic import AutomaticSettings
from RWTHSAMLib.core.settings.classification import LearnSettings
from RWTHSAMLib.core.settings.setting import settings_of
from RWTHSAMLib.core.settings.typed import text_fields
from RWTHSAMWeb.actions import make_actions
from RWTHSAMWeb.app_context import AppContext
from RWTHSAMWeb.options import WebOptions
from RWTHSAMWeb.ui import page

AT_ONCE = "the page hands out the whole table or file at once; the command line sets it"
AS_FOUND = "the page shows every object that was found, with its rating and overlap; a file needs the choice"
AT_THE_COMMAND_LINE = "classifiers are learned and used at the command line and in jobs"
LEFT_OUT = {
    "DetectedObjectsSettings.doubtful_below": AS_FOUND,
    "DetectedObjectsSettings.least_overlap": AS_FOUND,
    "DetectedObjectsSettings.nested": AS_FOUND,
    "ExportSettings.classes": AT_ONCE,
    "ExportSettings.decimation": AT_ONCE,
    "ExportSettings.each_class": AT_ONCE,
    "ExportSettings.frame": AT_ONCE,
    "ExportSettings.labelmap_suffix": AT_ONCE,
    "ExportSettings.smoothing": AT_ONCE,
    **{f"LearnSettings.{name}": AT_THE_COMMAND_LINE for name in settings_of(LearnSettings)},
    "RenderingSettings.cut_low": "the page cuts what faces the camera",
    "MeasureSettings.along": AT_ONCE,
    "MeasureSettings.connectivity": AT_ONCE,
    "MeasureSettings.parts": AT_ONCE,
    "MeasureSettings.thickness": AT_ONCE,
}


@pytest.fixture(scope="module")
def declared() -> str:
    """The page as it is sent to the browser; there is no app behind it."""
    server = get_server("settings", client_type="vue3")
    context = AppContext(server)
    return html.unescape(page.build(server, make_actions(context, WebOptions()), lambda _page: None).html)


def test_every_setting_has_a_widget(declared: str) -> None:
    assert 'v-for="each in auto_fields"' in declared and "{{ each.help }}" in declared
    said = declared + "\n".join(each.help for each in text_fields(AutomaticSettings).values())
    assert settings_without(said) == set(LEFT_OUT)
