"""Every error this project raises on purpose, as one tree.

::

    RwthSamError
    ├── InputError            what a person or a file gave cannot be used
    │   ├── ImageError        grey values, window
    │   ├── PromptError       points, boxes, prompt files
    │   ├── ProfileError      segmentation profiles
    │   ├── SettingsError     options out of their range
    │   ├── VolumeError       scans that cannot be read
    │   ├── ProjectError      saved projects
    │   ├── JobError          jobs of many scans
    │   ├── ClassifierError   learned classifiers, and what they are learned from
    │   └── GeometryError     planes and transforms that cannot be mapped to voxels
    ├── StateError            the request does not fit the present state (no volume, no mask, ...)
    │   └── NotReadyYet       what is asked for is still being computed
    ├── DependencyMissing     an optional package is not installed
    ├── ModelError            weights and networks
    │   ├── WeightsNotFound   no file where one was expected
    │   ├── WeightsMismatch   the file is not of the chosen model
    │   └── DownloadError     fetching failed; nothing half-done counts as present
    ├── ClusterError          a scheduler or its workers cannot be used, or were lost
    └── InferenceError        a forward pass failed
        ├── OutOfMemory       the device's memory does not suffice
        ├── Cancelled         the caller withdrew the request
        └── WorkerDied        the inference process ended unexpectedly

A message says what was expected, what came, and what to do about it.
"""

from __future__ import annotations


class RwthSamError(Exception):
    """Base of every error that this project raises on purpose."""


class InputError(RwthSamError, ValueError):
    """What a person or a file gave cannot be used."""


class ImageError(InputError):
    """Grey values or a window that cannot become a slice image."""


class PromptError(InputError):
    """A point, a box or a prompt file that makes no sense on its slice."""


class ProfileError(InputError):
    """A segmentation profile that is empty, contradictory, foreign or damaged."""


class SettingsError(InputError):
    """An option outside its range."""


class VolumeError(InputError):
    """A scan that cannot be read or has an unsupported layout."""


class ProjectError(InputError):
    """A saved project that is damaged, incomplete, or of a newer version."""


class JobError(InputError):
    """A job file that is damaged, contradictory, or names what is not there."""


class ClassifierError(InputError):
    """A learned classifier that is damaged or fits no such scan, or classes that nothing can be learned from."""


class GeometryError(InputError):
    """A plane or transform that cannot be mapped to voxels."""


class StateError(RwthSamError):
    """The request does not fit the present state."""


class NotReadyYet(StateError):
    """What is asked for is still being computed."""


class DependencyMissing(RwthSamError):
    """An optional package is not installed."""


class ModelError(RwthSamError):
    """Something is wrong with weights or with a network."""


class WeightsNotFound(ModelError):
    """There is no weights file where one was expected."""


class WeightsMismatch(ModelError):
    """The weights file is not of the chosen model."""


class DownloadError(ModelError):
    """Fetching weights failed; nothing half-done counts as present."""


class ClusterError(RwthSamError):
    """A scheduler or its workers cannot be used, or were lost."""


class InferenceError(RwthSamError):
    """A forward pass failed."""


class OutOfMemory(InferenceError):
    """The device's memory does not suffice."""


class Cancelled(InferenceError):
    """The caller withdrew the request."""


class WorkerDied(InferenceError):
    """The inference process ended unexpectedly."""
