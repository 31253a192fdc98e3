"""The text of a job file, YAML or JSON, as JSON values."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.json_document import MAX_BYTES, Json, Node, parse_document, read_document, to_text
from ..errors import DependencyMissing, JobError

if TYPE_CHECKING:
    import yaml

YAML_ENDINGS = (".yaml", ".yml")


def read_text(path: Path) -> Node:
    """The document of a file, whose name says whether it is YAML or JSON.

    Raises
    ------
    JobError
        If there is no such file, or it is not of its kind. YAML's anchors, tags and dates are refused, so that both
        kinds of file can say the same.
    DependencyMissing
        If it is YAML and PyYAML is not installed.
    """
    if not path.name.lower().endswith(YAML_ENDINGS):
        return read_document(path, JobError)
    try:
        if not path.is_file():
            raise JobError(f"'{path}': there is no such file{' (it is a folder)' if path.is_dir() else ''}.")
        if path.stat().st_size > MAX_BYTES:
            raise JobError(f"'{path}': larger than {MAX_BYTES // 1024**2} MiB, so this is not a job.")
        text = path.read_bytes()
    except OSError as error:
        raise JobError(f"'{path}': could not be read: {error.strerror or error}.") from error
    try:
        # checked as JSON is: depth, numbers that are none, halves of characters
        return parse_document(to_text(_yaml_value(text)), JobError)
    except JobError as error:
        raise JobError(f"'{path}': {error}") from error


def _yaml_value(text: bytes) -> Json:
    try:
        import yaml
    except ImportError as error:
        raise DependencyMissing(
            "Jobs in YAML need the package PyYAML: pip install 'rwthsam[batch]', or write the job as JSON."
        ) from error
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if getattr(event, "anchor", None):
                raise JobError(f"anchors and aliases (&, *) are not read: write it out{_place(event.start_mark)}.")
        return _plain(_node_of(yaml, text))
    except yaml.MarkedYAMLError as error:
        problem = f"{error.problem or error.context}{_place(error.problem_mark)}"
        raise JobError(f"not YAML: {problem}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise JobError(f"not YAML: {' '.join(str(error).split())}.") from error
    except (RecursionError, ValueError) as error:
        if isinstance(error, JobError):
            raise
        raise JobError("nested too deeply, or holds a number that is none, so this is not a job.") from error


def _node_of(yaml: Any, text: bytes) -> Any:
    loader: yaml.SafeLoader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        _refuse_twins(yaml, node)
        return None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


def _refuse_twins(yaml: Any, node: Any) -> None:
    """YAML's reader keeps the last of two equal keys without a word."""
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            _refuse_twins(yaml, each)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                raise JobError(f"the key '{name}' is given twice in one object{_place(key.start_mark)}.")
            seen.add(name)
            _refuse_twins(yaml, value)


def _plain(value: object) -> Json:
    """The value, if JSON can say it."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        if value - value != 0:
            raise JobError(f"{value} is not a number: expected finite numbers only.")
        return value
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise JobError(f"the key {key!r} is no text: put it into quotation marks.")
        return {key: _plain(each) for key, each in value.items()}
    raise JobError(f"{str(value)[:40]!r} is read as a {type(value).__name__}: put it into quotation marks.")


def _place(mark: Any) -> str:
    return f" in line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
