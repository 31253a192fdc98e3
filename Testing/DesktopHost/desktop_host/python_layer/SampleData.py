"""Sample data sources as Slicer takes and gets them; addresses of this computer are read, others raise `HostLimit`."""

from __future__ import annotations

import shutil
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import slicer
import vtk

from desktop_host.errors import HostLimit

# an entry, or as many as there are addresses
_OneOrMany: TypeAlias = str | Sequence[str | None] | None


class SampleDataSource:
    """One data set on the Sample Data page.

    An address is a string or a list of strings; every other field has as many entries. A source without an address
    is refused even where it has a downloader of its own, because the lengths are compared in any case.
    """

    def __init__(
        self,
        sampleName: str | None = None,
        sampleDescription: str | None = None,
        uris: _OneOrMany = None,
        fileNames: _OneOrMany = None,
        nodeNames: _OneOrMany = None,
        checksums: _OneOrMany = None,
        loadFiles: bool | Sequence[bool | None] | None = None,
        customDownloader: Callable[..., Any] | None = None,
        thumbnailFileName: str | None = None,
        loadFileTypes: _OneOrMany = None,
        loadFileProperties: dict[str, Any] | None = None,
        loadFileType: _OneOrMany = None,
    ) -> None:
        if loadFileType is not None and loadFileTypes is not None:
            raise ValueError("loadFileType and loadFileTypes cannot be specified at the same time")
        # of any shape until their lengths are compared
        addresses: Any = uris
        names: Any = fileNames
        kinds: Any = loadFileType if loadFileTypes is None else loadFileTypes
        fields: dict[str, Any] = {"nodeNames": nodeNames, "loadFiles": loadFiles, "checksums": checksums}
        if isinstance(uris, str):
            fields = {name: [value] for name, value in fields.items()}
            addresses, names, kinds = [uris], [fileNames], [kinds]
        elif isinstance(uris, (list, tuple)):
            fields = {name: [None] * len(uris) if value is None else value for name, value in fields.items()}
            kinds = [kinds] * len(uris) if kinds is None or isinstance(kinds, str) else kinds
        self.sampleName, self.sampleDescription = sampleName, sampleDescription or sampleName
        self.uris: Sequence[str] = addresses
        self.fileNames: Sequence[str] = names
        self.loadFileTypes: Sequence[str | None] = kinds
        self.nodeNames: Sequence[str | None] = fields["nodeNames"]
        self.loadFiles: Sequence[bool | None] = fields["loadFiles"]
        self.checksums: Sequence[str | None] = fields["checksums"]
        self.loadFileProperties = {} if loadFileProperties is None else loadFileProperties
        self.customDownloader, self.thumbnailFileName = customDownloader, thumbnailFileName
        # a missing field has no length: the TypeError is Slicer's own
        if len({len(each) for each in (addresses, names, kinds, *fields.values())}) > 1:
            raise ValueError("All fields of sample data source must have the same length")


class SampleDataLogic:
    """Registers sources and makes their data."""

    @staticmethod
    def registerCustomSampleDataSource(
        category: str = "Custom",
        sampleName: str | None = None,
        uris: _OneOrMany = None,
        fileNames: _OneOrMany = None,
        nodeNames: _OneOrMany = None,
        customDownloader: Callable[..., Any] | None = None,
        thumbnailFileName: str | None = None,
        loadFileTypes: _OneOrMany = None,
        loadFiles: bool | Sequence[bool | None] | None = None,
        loadFileProperties: dict[str, Any] = {},  # noqa: B006 (Slicer's own signature)
        checksums: _OneOrMany = None,
        loadFileType: _OneOrMany = None,
    ) -> None:
        source = SampleDataSource(
            sampleName=sampleName,
            uris=uris,
            fileNames=fileNames,
            nodeNames=nodeNames,
            thumbnailFileName=thumbnailFileName,
            loadFileTypes=loadFileTypes,
            loadFileType=loadFileType,
            loadFiles=loadFiles,
            loadFileProperties=loadFileProperties,
            checksums=checksums,
            customDownloader=customDownloader,
        )
        sources = _sources().setdefault(category, [])
        if not any(known.sampleName == sampleName for known in sources):
            sources.append(source)

    def sourceForSampleName(self, sampleName: str) -> SampleDataSource | None:
        for sources in _sources().values():
            for source in sources:
                if source.sampleName == sampleName:
                    return source
        return None

    def downloadFromSource(
        self, source: SampleDataSource, maximumAttemptsCount: int = 3, forceDownload: bool = False
    ) -> list[Any]:
        """Get the files of a source from its addresses; a downloader of its own is not asked, the page's button does.

        Returns nodes, or paths where no file is to be loaded.
        """
        found = []
        for uri, fileName, nodeName, loadFile, kind in zip(
            source.uris, source.fileNames, source.nodeNames, source.loadFiles, source.loadFileTypes, strict=True
        ):
            path = self.downloadFileIntoCache(uri, fileName)
            wanted = nodeName if nodeName is not None else Path(fileName).stem
            found.append(path if loadFile is False else self.loadNode(path, wanted, kind, source.loadFileProperties))
        return found

    def downloadFileIntoCache(
        self, uri: str, name: str, checksum: str | None = None, forceDownload: bool = False
    ) -> str:
        address = urllib.parse.urlparse(uri)
        if address.scheme != "file":
            raise HostLimit(f"the desktop host has no network: {uri}")
        path = Path(slicer.mrmlScene.GetCacheManager().GetRemoteCacheDirectory()) / name
        shutil.copyfile(urllib.request.url2pathname(address.path), path)
        return path.as_posix()

    def loadNode(self, uri: str, name: str, fileType: str | None = None, fileProperties: dict[str, Any] = {}) -> Any:  # noqa: B006 (Slicer's own signature)
        loaded = vtk.vtkCollection()
        properties = {**fileProperties, "fileName": uri, "name": name}
        kind = fileType or slicer.app.coreIOManager().fileType(uri)
        if not slicer.app.coreIOManager().loadNodes(kind, properties, loaded):
            return None
        return loaded.GetItemAsObject(0)

    def downloadSamples(self, sampleName: str) -> list[Any]:
        source = self.sourceForSampleName(sampleName)
        return self.downloadFromSource(source) if source is not None else []

    def downloadSample(self, sampleName: str) -> Any:
        return self.downloadSamples(sampleName)[0]


def _sources() -> dict[str, list[SampleDataSource]]:
    if not hasattr(slicer.modules, "sampleDataSources"):
        slicer.modules.sampleDataSources = {}
    sources: dict[str, list[SampleDataSource]] = slicer.modules.sampleDataSources
    return sources


def downloadSample(sampleName: str) -> Any:
    return SampleDataLogic().downloadSample(sampleName)


def downloadSamples(sampleName: str) -> list[Any]:
    return SampleDataLogic().downloadSamples(sampleName)
