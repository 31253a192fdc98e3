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
    pace : AutosavePace, optional
        Says when.
    """

    def __init__(self, context: AppContext, project: ProjectActions, pace: AutosavePace | None = None) -> None:
        self._context, self._project = context, project
        self._pace = pace or AutosavePace()
        self._written: object = None
        self._is_stale = self._is_writing = self._has_complained = False

    def changed(self) -> None:
        """Something may have changed."""
        self._is_stale = True

    def tick(self) -> None:
        """Write, if it is time to."""
        try:
            self._tick()
        except Exception as error:  # as in `_write`
            self._fail(error)

    def _tick(self) -> None:
        if self._is_stale:
            self._is_stale = False
            self._pace.look(self._stamp)
        if self._is_writing or self._pace.wait_s != 0:
            return
        self._pace.begin()
        if not self._context.session.projects.has_unsaved_work:
            self._project.unsaved.drop_own()
        elif self._stamp != self._written or not self._project.unsaved.has_own:
            self._is_writing = True
            self._context.start(self._write())

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

    @property
    def _stamp(self) -> object:
        projects = self._context.session.projects
        return projects.choices_stamp, projects.has_unsaved_work, self._project.view()

    async def _write(self) -> None:
        try:
            stamp, write = self._stamp, self._content_into_own()  # at one moment: nothing comes in between
            if await asyncio.to_thread(write):
                self._written = stamp
                self._has_kept()
            else:  # it was saved meanwhile; there may be newer work
                self._pace.try_again()
        except Exception as error:  # whatever it is, work that nobody keeps is told of, and tried again
            self._fail(error)
        finally:
            self._is_writing = False

    def _has_kept(self) -> None:
        self._project.is_kept()
        if self._has_complained:
            self._has_complained = False
            self._context.notice("Unsaved work is kept for a crash again.", "success")

    def _fail(self, error: Exception) -> None:
        self._pace.try_again()
        if not isinstance(error, (RwthSamError, OSError)):
            _LOG.error("Unsaved work could not be kept", exc_info=error)
        if not self._has_complained:  # once is enough: it is tried again and again
            self._has_complained = True
            self._context.notice(f"Unsaved work cannot be kept for a crash: {error} Save the project.", "warning")

    def _content_into_own(self) -> functools.partial[bool]:
        unsaved = self._project.unsaved
        own, view = unsaved.own, self._project.view()
        content = self._context.session.projects.content(own.folder, view, written=own.stamp_of_segmentation)
        return functools.partial(unsaved.keep, own, content)
