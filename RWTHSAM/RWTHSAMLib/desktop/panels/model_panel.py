"""The module's section "Model": which network, on what, what it lacks, and one button for the next step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

from slicer.i18n import tr as _

from ...errors import DownloadError, RwthSamError
from ...inference.devices import DEVICES
from ...models.catalogue import CATALOGUE, ModelEntry, model
from ...mrml.session.status import Level
from ...worker.client import EngineSpec
from ..app import installing, model_choice
from ..app.connections import Connections
from ..app.forms import requirements_file
from ..app.icons import show_level
from ..app.requirements import Missing, missing_for
from ..app.shared_session import SharedSession
from ..app.weights_fetch import WeightsFetch

_MODELS = tuple(CATALOGUE)


class ModelPanel:
    """Widgets ``model...``, ``device...``, ``weights...`` and ``progressBar`` of the module's form.

    Nothing is installed or fetched before a person has read what and how much, and agreed.

    Parameters
    ----------
    ui : SimpleNamespace
        The form's widgets by name.
    shared : SharedSession
    """

    def __init__(self, ui: SimpleNamespace, shared: SharedSession) -> None:
        self.ui, self._shared = ui, shared
        self._signals = Connections()
        self._missing: tuple[Missing, ...] = ()
        self._failure = ""
        self._seen = ("", False)
        self._fetch = WeightsFetch(self._on_progress, self._on_fetched)
        self._fill()
        self._connect()
        self._signals.listen(shared.session.on_change, self.refresh)
        self.look_again()

    def close(self) -> None:
        """End downloads and connections."""
        self._fetch.close()
        self._signals.close()

    def look_again(self) -> None:
        """Look for packages and weights as they are now."""
        self._missing = missing_for(self._entry, self._shared.spec.weights)
        self.refresh()

    def refresh(self) -> None:
        """Show what there is, what is missing, and the next step."""
        engine = self._shared.session.status.engine
        self._show_choice()
        is_in_order = engine.phase in ("loading", "ready") and not engine.doubt
        if (engine.phase, is_in_order) != self._seen:
            self._seen = engine.phase, is_in_order
            self.ui.modelSection.collapsed = is_in_order  # what is in order takes no room
        self.ui.modelSection.text = self._title()
        text, level = self._sentence()
        self.ui.modelStatusLabel.text = text
        show_level(self.ui.modelStatusIcon, level)
        self.ui.modelButton.text = self._next_step()
        self.ui.modelButton.toolTip = self._missing[0].text if self._missing else _("Load the chosen model.")
        busy = self._fetch.is_running or (engine.phase == "loading" and not engine.doubt)
        self.ui.modelButton.setVisible(engine.phase != "ready" or bool(engine.doubt or self._missing))
        self.ui.modelButton.enabled = not busy
        self.ui.cancelButton.setVisible(self._fetch.is_running)
        self.ui.progressBar.setVisible(self._fetch.is_running)
        for each in (self.ui.modelBox, self.ui.deviceBox, self.ui.weightsEdit):
            each.enabled = not self._fetch.is_running

    # showing

    @property
    def _entry(self) -> ModelEntry:
        return model(self._shared.spec.model)

    def _fill(self) -> None:
        for each in CATALOGUE.values():
            shown = _("{title} (weights {size})") if each.url else _("{title} ({size})")
            self.ui.modelBox.addItem(shown.format(title=each.title, size=each.size_text))
        for text in (_("Automatic"), _("GPU (CUDA)"), _("GPU (Apple)"), _("Processor")):
            self.ui.deviceBox.addItem(text)
        self._show_choice()
        self.ui.progressBar.maximum = 100

    def _show_choice(self) -> None:
        """Show what is chosen, also where a script has chosen it: the next choice in one widget keeps the others."""
        spec, ui = self._shared.spec, self.ui
        if self._chosen() == spec:
            return
        widgets = (ui.modelBox, ui.deviceBox, ui.weightsEdit)
        before = [each.blockSignals(True) for each in widgets]
        ui.modelBox.currentIndex = _MODELS.index(spec.model)
        ui.deviceBox.currentIndex = DEVICES.index(spec.device)
        ui.weightsEdit.currentPath = str(spec.weights or "")
        for each, blocked in zip(widgets, before, strict=True):
            each.blockSignals(blocked)

    def _title(self) -> str:
        engine = self._shared.session.status.engine
        titles = {
            "loading": _("Model: {model}, loading ..."),
            "ready": _("Model: {model} on {device}"),
        }
        return titles.get(engine.phase, _("Model")).format(model=self._entry.title, device=engine.device)

    def _sentence(self) -> tuple[str, Level]:
        engine = self._shared.session.status.engine
        if self._fetch.is_running:
            return _("Fetching the weights of {model} ...").format(model=self._entry.title), "info"
        if self._failure:
            return self._failure, "error"
        if self._missing:
            return " ".join(each.text for each in self._missing), "warning"
        if engine.doubt:
            return engine.doubt, "warning"
        if engine.phase == "stopped":
            return _("{model} is on this computer, not loaded yet.").format(model=self._entry.title), "info"
        return engine.text, "error" if engine.phase == "failed" else "info"

    def _next_step(self) -> str:
        if not self._missing:
            return _("Start anew") if self._shared.session.status.engine.doubt else _("Load model")
        texts = {
            "torch": _("Install PyTorch..."),
            "packages": _("Install packages..."),
            "weights": _("Fetch weights ({size})...").format(size=self._entry.size_text)
            if self._entry.url
            else _("Look again"),
        }
        return texts[self._missing[0].kind]

    # acting

    def _connect(self) -> None:
        connect, ui = self._signals.connect, self.ui
        connect(ui.modelBox, "currentIndexChanged(int)", self._on_choice)
        connect(ui.deviceBox, "currentIndexChanged(int)", self._on_choice)
        connect(ui.weightsEdit, "currentPathChanged(QString)", self._on_choice)
        connect(ui.modelButton, "clicked(bool)", self._on_next_step)
        connect(ui.cancelButton, "clicked(bool)", self._on_cancel)

    def _chosen(self) -> EngineSpec:
        """What the widgets say."""
        path = self.ui.weightsEdit.currentPath.strip()
        return EngineSpec(
            _MODELS[self.ui.modelBox.currentIndex],
            Path(path) if path else None,
            DEVICES[self.ui.deviceBox.currentIndex],
        )

    def _on_choice(self) -> None:
        self._shared.spec = self._chosen()
        model_choice.remember(self._shared.spec)
        self._failure = ""
        self.look_again()
        if self._missing:
            self._shared.session.unload_engine()  # no other model answers in the chosen one's name
        else:
            self._shared.load_engine()

    def _on_next_step(self) -> None:
        self._failure = ""
        self._missing = missing_for(self._entry, self._shared.spec.weights)
        if not self._missing:
            self._shared.load_engine()
        elif self._missing[0].kind == "weights":
            self._begin_to_fetch(self._missing[0])
        else:
            self._install(self._missing[0])
        self.refresh()

    def _install(self, what: Missing) -> None:
        question = _("{what}\n\nInstall now into this Slicer? Nothing else is changed.").format(what=what.text)
        if not installing.agreed(question):
            return
        install: Callable[[], None] = installing.install_torch
        if what.kind == "packages":
            install = lambda: installing.install_packages(requirements_file(self._entry))  # noqa: E731
        try:
            install()
        except RwthSamError as error:
            self._failure = str(error)
        self.look_again()

    def _begin_to_fetch(self, what: Missing) -> None:
        if not self._entry.url:
            return  # what is missing is said: it cannot be fetched by itself
        if self._shared.spec.weights is not None:
            self._failure = _("{what} Choose another file, or empty the field.").format(what=what.text)
            return
        question = _("{what}\n\nFetch them from {address}?").format(what=what.text, address=self._entry.url)
        if installing.agreed(question):
            self.ui.progressBar.value = 0
            self._fetch.start(self._entry)

    def _on_progress(self, done: int, total: int | None) -> None:
        self.ui.progressBar.maximum = 100 if total else 0
        self.ui.progressBar.value = round(100 * done / total) if total else 0

    def _on_fetched(self, error: DownloadError | None) -> None:
        self._failure = str(error) if error is not None else ""
        self.look_again()
        if error is None and not self._missing:
            self._shared.load_engine()

    def _on_cancel(self) -> None:
        self._fetch.cancel()
        self.look_again()
