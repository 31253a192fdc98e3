"""A device's memory in PyTorch: given back, and when it does not suffice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import OutOfMemory

# what PyTorch says on Apple GPUs and on CPUs, where it has no exception type of its own
_OUT_OF_MEMORY_WORDS = ("out of memory", "can't allocate memory", "not enough memory")


def empty_cache(device: str) -> None:
    """Give back what PyTorch keeps of a device's memory for later; nothing to do on a CPU."""
    import torch

    if device == "cuda":
        torch.cuda.empty_cache()
    elif device == "mps":
        torch.mps.empty_cache()


@contextmanager
def memory_errors(message: str) -> Iterator[None]:
    """Turn every device's way of saying that memory does not suffice into `OutOfMemory`."""
    import torch

    try:
        yield
    except RuntimeError as error:
        said = str(error).lower()
        if isinstance(error, torch.OutOfMemoryError) or any(words in said for words in _OUT_OF_MEMORY_WORDS):
            raise OutOfMemory(message) from error
        raise
