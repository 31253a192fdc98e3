"""Keeps unsaved work on disk while a person works, so that no crash costs more than a moment of it."""

from __future__ import annotations

import asyncio
import functools
import logging

from RWTHSAMLib.errors import RwthSamError
from RWTHSAMLib.record.autosave_pace import AutosavePace

from .actions.project import ProjectActions
from .app_context import AppContext

_LOG = logging.getLogger(__name__)


class Autosave:
    """Writes the work that is not saved beside the page's loop, when it has changed and hands rest.

    Parameters
    ----------
    context : AppContext
    project : ProjectActions
    """

    def __init__(self, context: AppContext, project: ProjectActions) -> None:
        self._context, self._project = context, project
        self._pace = AutosavePace()
        self._written: object = None
        self._is_writing = False
        self._has_complained = False

    def changed(self) -> None:
        """Something may have changed."""
        self._pace.changed()

    def tick(self) -> None:
        """Write, if it is time to."""
        if self._is_writing or self._pace.wait_s != 0:
            return
        self._pace.begin()
        projects = self._context.session.projects
        if not projects.has_unsaved_work:
            self._project.unsaved.drop_own()
            return
        stamp = projects.choices_stamp
        if stamp != self._written or not self._project.unsaved.has_own:
            self._is_writing = True
            self._context.start(self._write(stamp))

    def finish(self) -> None:
        """The program ends: leave what is unsaved to the next start."""
        unsaved = self._project.unsaved
        if self._context.session.projects.has_unsaved_work:
            try:
                self._content_into_own()()
            except (RwthSamError, OSError):
                _LOG.exception("Unsaved work could not be kept")
            unsaved.release()
        else:
            unsaved.drop_own()

    async def _write(self, stamp: object) -> None:
        try:
            if await asyncio.to_thread(self._content_into_own()):
                self._written, self._has_complained = stamp, False
                self._project.is_kept()
            else:
                self.changed()  # it was saved meanwhile; there may be newer work
        except (RwthSamError, OSError) as error:
            if not self._has_complained:  # once is enough: the next try comes with the next change
                self._has_complained = True
                self._context.notice(f"Unsaved work cannot be kept for a crash: {error}", "warning")
        finally:
            self._is_writing = False

    def _content_into_own(self) -> functools.partial[bool]:
        unsaved = self._project.unsaved
        own, view = unsaved.own, self._project.view()
        content = self._context.session.projects.content(own.folder, view, written=own.stamp_of_segmentation)
        return functools.partial(unsaved.keep, own, content)
