"""The web application: builds the parts, lets them know of each other, and runs them in one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import webbrowser
from functools import partial
from pathlib import Path
from typing import Protocol

import slicer
from aiohttp import web
from trame.app import get_server

from RWTHSAMLib.core.settings.export import FORMATS
from RWTHSAMLib.mrml.nodes import segments
from RWTHSAMLib.mrml.session.session import Session
from RWTHSAMLib.worker.process import WorkerSettings
from RWTHSAMLib.worker.process_client import WorkerClient

from .access_control import AccessControl
from .actions import make_actions
from .app_context import AppContext
from .autosave import Autosave
from .dispatch import guard_calls
from .field_words import of_field
from .host import SLICE_VIEWS, Host
from .options import WebOptions
from .state import page_values, scan_values, session_values, small_pictures
from .surfaces import Surfaces
from .transfer import Transfer
from .ui import lost_connection, page, views

_LOG = logging.getLogger(__name__)
# a choice: about as often as a view is drawn
_TICK_S = 0.03
_STATIC = Path(__file__).with_name("static")
_MODULE = {
    "serve": {"__rwthsam": str(_STATIC)},
    "scripts": [f"__rwthsam/{name}.js" for name in ("telling", "rwthsam", "panels", "touch", "pointer", "connection")],
    "styles": ["__rwthsam/rwthsam.css"],
}


class _HttpServer(Protocol):
    """What trame hands over when it has bound its port."""

    app: web.Application


async def _where_the_socket_is(request: web.Request) -> web.Response:
    """Trame's first question, whether somebody else starts the program for the page: it is this one."""
    scheme = "wss" if request.headers.get("Origin", "").startswith("https") else "ws"
    return web.json_response({"sessionURL": f"{scheme}://USE_HOST/ws"})


class WebApp:
    """One page for one person.

    Parameters
    ----------
    options : WebOptions
        From the command line.
    """

    def __init__(self, options: WebOptions) -> None:
        os.environ.setdefault("WSLINK_READY_MSG", "")  # else wslink prints into the line with our address
        os.environ.setdefault("WSLINK_WS_COMPRESS", "0")  # pictures are JPEG already, and go to this computer
        self._options = options
        self._server = get_server(client_type="vue3")
        self._server.enable_module(_MODULE)
        self._show_first_state()
        self._context = AppContext(self._server)
        guard_calls(self._server, page_values.OF_THE_PAGE, page_values.LABELS, self._context.refuse, self._show)
        self._actions = make_actions(self._context, options)
        self._autosave = Autosave(self._context, self._actions.project)
        self._edited: slicer.vtkMRMLSegmentationNode | None = None
        self._make_host_and_session()
        self._surfaces = Surfaces(self._context.host.scene)
        page.build(self._server, self._actions, self._context.host.place_views)
        self._serve()

    def run(self) -> int:
        """Serve until interrupted."""
        sys.argv = sys.argv[:1]  # trame reads it, but the options in it are ours
        # from here on there is a session to close; up to here an interrupt may end the process at once
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            with contextlib.suppress(KeyboardInterrupt):
                self._server.start(
                    host=self._options.host,
                    port=self._options.port,
                    timeout=0,
                    open_browser=False,
                    show_connection_info=False,
                )
        finally:
            self._autosave.finish()
            self._context.session.close()
        return 0

    def _show_first_state(self) -> None:
        self._server.state.update(page_values.initial())
        self._server.state.trame__template_error = lost_connection.TEMPLATE
        for view in SLICE_VIEWS:
            self._server.state[f"slice_{view}"] = scan_values.NO_SLICE
            self._server.state[f"scale_{view}"] = small_pictures.NO_SCALE

    def _make_host_and_session(self) -> None:
        context, actions = self._context, self._actions
        context.host = host = Host(
            self._server,
            lambda view: views.slice_overlay(view, actions),
            lambda view: views.volume_overlay(view, actions),
        )
        client = WorkerClient(WorkerSettings(cache=self._options.cache))
        context.session = Session(host.scene, client, editor_node=host.editor_node)
        context.session.on_change.append(context.refresh)
        context.session.on_change.append(self._autosave.changed)
        host.on_native_edit(
            lambda edit: context.session.record_hand_edit(edit, edit.class_ids, edit.text), context.refresh
        )
        host.on_pointer(context.session.pointer, actions.views.hover)
        actions.views.connect()
        actions.rendering.connect()
        self._server.state.update(session_values.of_session(context.session))
        self._server.state.update(self._shown())
        self._server.state.update(actions.look.begin())

    def _shown(self) -> page_values.Json:
        """What the panels with a state of their own show."""
        actions = self._actions
        own = (
            actions.views,
            actions.automatic,
            actions.rules,
            actions.propagation,
            actions.threshold,
            actions.rendering,
            actions.classes,
            actions.tools,
        )
        return {name: value for each in own for name, value in each.shown().items()}

    def _serve(self) -> None:
        actions, controller = self._actions, self._server.controller
        self._access_control = AccessControl(host=self._options.host)
        self._transfer = Transfer(
            receivers={
                "scan": actions.scan.receive,
                "profile": actions.classes.receive,
                "segmentation": actions.segmentation.receive,
            },
            producers={
                "segmentation": actions.result.segmentation,
                "prompts": actions.result.prompts,
                "profile": actions.result.profile,
                "job": actions.result.job,
                "report": actions.result.report,
                "measurements": actions.result.measurements,
                **{name: partial(actions.result.exported, name) for name in FORMATS},
                "objects": actions.automatic.save_table,
                "object": actions.propagation.save_table,
                "picture": actions.rendering.picture,
                "turn": actions.rendering.turn_file,
            },
            notice=self._context.notice,
            made=self._context.made,
        )
        controller.on_server_bind.add(self._bind)
        controller.on_server_ready.add(self._ready)
        controller.on_client_connected.add(actions.views.page_opened)
        controller.trigger("key")(actions.keys.press)
        controller.trigger("open_path")(of_field(page_values.LABELS["scan_path"], actions.scan.open_path))
        controller.trigger("open_phantom")(actions.scan.open_phantom)
        controller.trigger("open_project")(of_field(page_values.LABELS["project_path"], actions.project.open))
        controller.trigger("view_size")(actions.views.set_size)
        controller.trigger("upload_failed")(self._upload_failed)
        self._server.state.change("surfaces")(lambda surfaces, **_: self._surfaces.show(bool(surfaces)))

    def _bind(self, server: _HttpServer) -> None:
        self._access_control.protect(server.app)
        self._transfer.add_routes(server.app)
        server.app.router.add_post("/paraview/", _where_the_socket_is)

    def _ready(self, **_: object) -> None:
        address = f"http://{self._options.host}:{self._server.port}/?token={self._access_control.token}"
        print(f"\nRWTHSAM is ready. Open this address, token included, in one browser:\n\n  {address}\n", flush=True)
        if self._options.open_browser:
            webbrowser.open(address)
        self._ticking = asyncio.create_task(self._tick_forever())
        self._context.start(self._begin())

    async def _begin(self) -> None:
        self._actions.classes.begin()
        self._actions.model.begin()
        project = self._actions.project
        if project.first is not None:
            await self._context.finished(project.begin())
        if self._context.session.volume_node is None and not self._context.state.project_missing:
            await self._context.finished(self._actions.scan.begin())
        await self._actions.segmentation.begin()
        project.offer_unsaved()

    async def _tick_forever(self) -> None:
        while True:
            try:
                self._tick()
            except Exception:  # a defect in one tick must not end the page
                _LOG.exception("A periodic task of the page failed")
            await asyncio.sleep(_TICK_S)

    def _tick(self) -> None:
        self._context.session.poll()
        self._autosave.tick()
        self._show()

    def _show(self) -> None:
        context, actions = self._context, self._actions
        with context.state as shown:
            if context.is_stale:
                context.is_stale = False
                self._follow_segmentation()
                actions.classes.follow()
                actions.views.all_moved()
                shown.update(session_values.of_session(context.session))
                shown.update(self._shown())
            actions.views.tick()
            if self._surfaces.update_if_due() and self._surfaces.exist:
                context.host.fit_3d_once()
            shown.has_surfaces = self._surfaces.exist

    def _follow_segmentation(self) -> None:
        session, host = self._context.session, self._context.host
        node = session.segmentation_node
        if node is not self._edited:
            self._edited = node
            self._surfaces.follow(node)
            if node is not None:
                host.set_edited(node, session.volume_node)
        if node is not None:
            self._surfaces.recolour()
            host.set_edited_segment(segments.segment_id_of_class(node, session.class_id) or "")

    def _upload_failed(self, status: int, reason: str = "") -> None:
        self._context.notice(
            reason[:500] or f"The upload ended early (HTTP status {status}): try again, or type the file's path."
        )
