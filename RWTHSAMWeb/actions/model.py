"""Choosing a network, finding or fetching its weights, loading it."""

from __future__ import annotations

from pathlib import Path

from RWTHSAMLib.errors import WeightsNotFound
from RWTHSAMLib.models.catalogue import CATALOGUE, ModelEntry, model
from RWTHSAMLib.models.weights import find_weights
from RWTHSAMLib.worker.client import EngineSpec

from .. import jobs
from ..app_context import AppContext
from ..jobs import Fetch
from ..options import WebOptions
from ..state import model_values

_DEVICES = [
    {"title": "Automatic", "value": "auto"},
    {"title": "GPU (CUDA)", "value": "cuda"},
    {"title": "GPU (Apple)", "value": "mps"},
    {"title": "Processor", "value": "cpu"},
]


class ModelActions:
    """Panel 2."""

    def __init__(self, context: AppContext, options: WebOptions) -> None:
        self._context = context
        self._options = options
        self._fetching: Fetch | None = None
        context.state.update(
            {
                "model_items": model_values.model_items(list(CATALOGUE.values())),
                "device_items": _DEVICES,
                "model_name": model(options.model).name,
                "device": options.device,
            }
        )
        context.state.update(model_values.of_model(self._entry, None))

    def begin(self) -> None:
        """Load the model that was named at the start, and from then on whatever is chosen."""
        self._context.state.change("model_name", "device")(lambda **_: self.load())
        self.load()

    def load(self) -> None:
        """Load the chosen model if its weights are on this computer, else say that they are not."""
        entry = self._entry
        try:
            weights = find_weights(entry, self._explicit_weights)
        except WeightsNotFound as error:
            self._show(None, str(error))
            self._wait_for_what_is_missing()
            return
        self._show(weights, str(weights))
        if self._context.state.install_text:
            self._wait_for_what_is_missing()
            return
        spec = EngineSpec(entry.name, weights, device=self._context.state.device)
        self._context.attempt(lambda: self._context.session.load_engine(spec))

    def fetch(self) -> None:
        """Download the chosen model's weights, then load it."""
        if self._fetching is None:
            self._context.start(self._fetch(self._entry))

    def install(self) -> None:
        """Install the packages of the Segment Anything models into this environment, then load the chosen one."""
        self._context.start(self._install())

    def cancel_fetch(self) -> None:
        """Stop the download."""
        if self._fetching is not None:
            self._fetching.cancel()

    @property
    def _entry(self) -> ModelEntry:
        return model(self._context.state.model_name)

    @property
    def _explicit_weights(self) -> Path | None:
        return self._options.weights if self._context.state.model_name == self._options.model else None

    async def _install(self) -> None:
        if self._context.state.busy_text:
            return
        with self._context.busy("Installing PyTorch and the Segment Anything models ..."):
            await jobs.run_command("models", "install", "sam", "--yes")
        self.load()
        if self._context.state.install_text:
            self._context.notice("The packages were installed, but are not found from here: start RWTHSAM again.")

    async def _fetch(self, entry: ModelEntry) -> None:
        self._fetching = Fetch(entry, self._show_percent)
        self._show_percent(0)
        try:
            await self._fetching.run()
        finally:
            self._fetching = None
            self._show_percent(-1)
        if entry is self._entry:
            self.load()

    def _show(self, weights: Path | None, text: str) -> None:
        with self._context.state as shown:
            shown.update(model_values.of_model(self._entry, text if weights else None))
            shown.weights_text = text

    def _wait_for_what_is_missing(self) -> None:
        """Let no other model answer in the chosen one's name, and show what the chosen one needs."""
        self._context.session.unload_engine()
        self._open_panel()

    def _open_panel(self) -> None:
        with self._context.state as shown:
            shown.panels = sorted({*shown.panels, "model"})

    def _show_percent(self, percent: int) -> None:
        with self._context.state as shown:
            shown.fetch_percent = percent
