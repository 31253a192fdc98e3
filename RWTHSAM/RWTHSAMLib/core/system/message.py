"""Messages between a host and its inference process: a JSON header, then the raw bytes of arrays.

A message on the wire is a prefix (magic, length of the header, length of the arrays), the header as UTF-8 JSON and
the arrays one after the other, each padded to 16 bytes. There is no pickle: what arrives is numbers and text, never
code. `MessageParser` takes bytes as they come, so the same code serves a blocking and a non-blocking socket.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from ...errors import InferenceError

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]
Fields = dict[str, JsonValue]
_Kind = TypeVar("_Kind")

PROTOCOL_VERSION = 5
_PREFIX = struct.Struct(">4sIQ")
_MAGIC = b"RSM1"
# of arrays in a message, as processors load them; then limits against damaged messages
_ALIGNMENT = 16
_HEADER_LIMIT = 4 << 20
_ARRAYS_LIMIT = 1 << 30
_KINDS = ("?", "u1", "i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", "<f2", "<f4", "<f8")
_DTYPES = {np.dtype(kind).str: np.dtype(kind) for kind in _KINDS}


@dataclass(frozen=True, eq=False)
class Message:
    """One thing said by one side to the other.

    Attributes
    ----------
    kind : str
        What is said: ``"load"``, ``"segment"``, ``"status"``, ...
    fields : dict
        JSON values.
    arrays : tuple of numpy.ndarray
        bool, whole numbers and floats of any size.
    """

    kind: str
    fields: Fields = field(default_factory=dict)
    arrays: tuple[np.ndarray, ...] = ()

    def text(self, name: str) -> str:
        """A field that must be a string."""
        return self._typed(name, str)

    def number(self, name: str) -> int:
        """A field that must be a whole number."""
        return self._typed(name, int)

    def mapping(self, name: str) -> Fields:
        """A field that must be a JSON object."""
        return self._typed(name, dict)

    def items(self, name: str) -> list[JsonValue]:
        """A field that must be a JSON list."""
        return self._typed(name, list)

    def _typed(self, name: str, kind: type[_Kind]) -> _Kind:
        value = self.fields.get(name)
        if not isinstance(value, kind):
            raise InferenceError(f"Message '{self.kind}' needs {name!r} as {kind.__name__}, not {value!r}.")
        return value


def pack(message: Message) -> list[memoryview]:
    """Bytes of a message as a list of buffers to be sent in this order; contiguous arrays are not copied.

    Raises
    ------
    InferenceError
        If an array's type is not one that travels.
    """
    arrays = [np.ascontiguousarray(array).reshape(array.shape) for array in message.arrays]
    described: list[JsonValue] = [[_dtype_name(array.dtype), list(array.shape)] for array in arrays]
    header = json.dumps({"kind": message.kind, "fields": message.fields, "arrays": described}).encode()
    buffers: list[memoryview] = []
    for array in arrays:
        if array.nbytes:
            buffers.append(array.reshape(-1).data.cast("B"))
        buffers.append(memoryview(bytes(_padding(array.nbytes))))
    prefix = _PREFIX.pack(_MAGIC, len(header), sum(buffer.nbytes for buffer in buffers))
    return [buffer for buffer in (memoryview(prefix + header), *buffers) if buffer.nbytes]


class MessageParser:
    """Turn a stream of bytes into messages.

    Receive into `space`, then tell `filled` how many bytes came::

        message = parser.filled(connection.recv_into(parser.space()))
    """

    def __init__(self) -> None:
        self._prefix_size = _PREFIX.size
        self._start()

    def space(self) -> memoryview:
        """Where the next bytes belong; never empty."""
        return memoryview(self._buffer)[self._count :]

    def filled(self, count: int) -> Message | None:
        """Take note of `count` new bytes; the message, once it is complete.

        Raises
        ------
        InferenceError
            If the bytes are no message. The stream cannot be used any further.
        """
        self._count += count
        if self._count < len(self._buffer):
            return None
        if self._header is not None:
            return self._complete()
        if self._arrays_size is not None:
            return self._end_of_header()
        self._end_of_prefix()
        return None

    def _start(self) -> None:
        self._header: dict[str, JsonValue] | None = None
        self._arrays_size: int | None = None
        self._expect(self._prefix_size)

    def _expect(self, size: int) -> None:
        self._buffer, self._count = bytearray(size), 0

    def _end_of_prefix(self) -> None:
        magic, header_size, arrays_size = _PREFIX.unpack(self._buffer)
        if magic != _MAGIC or not 0 < header_size <= _HEADER_LIMIT or arrays_size > _ARRAYS_LIMIT:
            raise InferenceError("What came over the inference connection is not a message of this program.")
        self._arrays_size = arrays_size
        self._expect(header_size)

    def _end_of_header(self) -> Message | None:
        try:
            header = json.loads(self._buffer)
        except ValueError as error:
            raise InferenceError(f"The header of an inference message is not JSON: {error}") from error
        if not (isinstance(header, dict) and set(header) == {"kind", "fields", "arrays"}):
            raise InferenceError("The header of an inference message needs kind, fields and arrays.")
        self._header = header
        self._expect(self._arrays_size or 0)
        return None if self._arrays_size else self._complete()

    def _complete(self) -> Message:
        header, payload = self._header or {}, self._buffer
        self._start()
        kind, fields, described = header["kind"], header["fields"], header["arrays"]
        if not (isinstance(kind, str) and isinstance(fields, dict) and isinstance(described, list)):
            raise InferenceError("The header of an inference message has fields of the wrong type.")
        return Message(kind, fields, _arrays(described, payload))


def _arrays(described: Sequence[JsonValue], payload: bytearray) -> tuple[np.ndarray, ...]:
    arrays: list[np.ndarray] = []
    offset = 0
    try:
        for each in described:
            dtype, shape = _dtype_and_shape(each)
            count = math.prod(shape)
            array = np.frombuffer(payload, dtype, count, offset) if count else np.empty(0, dtype)
            arrays.append(array.reshape(shape))
            offset += array.nbytes + _padding(array.nbytes)
    except (KeyError, TypeError, ValueError) as error:
        raise InferenceError(f"An array of an inference message is not as its header says: {error}") from error
    return tuple(arrays)


def _dtype_and_shape(described: JsonValue) -> tuple[np.dtype, tuple[int, ...]]:
    if not (isinstance(described, list) and len(described) == 2):
        raise ValueError(f"a type and a shape are needed, not {described!r}")
    name, shape = described
    if not (isinstance(name, str) and isinstance(shape, list)):
        raise ValueError(f"a type and a shape are needed, not {described!r}")
    sizes = tuple(size for size in shape if isinstance(size, int) and size >= 0)
    if len(sizes) != len(shape):
        raise ValueError(f"a shape is made of whole numbers, not {shape!r}")
    return _DTYPES[name], sizes


def _dtype_name(dtype: np.dtype) -> str:
    name: str = dtype.newbyteorder("<").str
    if name not in _DTYPES or name != dtype.str:
        raise InferenceError(f"Arrays of type {dtype} do not travel to the inference process: {sorted(_DTYPES)}.")
    return name


def _padding(size: int) -> int:
    return -size % _ALIGNMENT
