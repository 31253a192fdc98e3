"""Sample data sources as Slicer takes and gets them; addresses of this computer are read, others raise `HostLimit`."""

from __future__ import annotations

import shutil
import urllib.parse
import urllib.request
from pathlib import Path

import slicer
import vtk

from desktop_host.errors import HostLimit


class SampleDataSource:
    """One data set on the Sample Data page.

    An address is a string or a list of strings; every other field has as many entries. A source without an address
    is refused even where it has a downloader of its own, because the lengths are compared in any case.
    """

    def __init__(
        self,
        sampleName=None,
        sampleDescription=None,
        uris=None,
        fileNames=None,
        nodeNames=None,
        checksums=None,
        loadFiles=None,
        customDownloader=None,
        thumbnailFileName=None,
        loadFileTypes=None,
        loadFileProperties=None,
        loadFileType=None,
    ):
        if loadFileType is not None and loadFileTypes is not None:
            raise ValueError("loadFileType and loadFileTypes cannot be specified at the same time")
        kinds = loadFileType if loadFileTypes is None else loadFileTypes
        fields = {"nodeNames": nodeNames, "loadFiles": loadFiles, "checksums": checksums}
        if isinstance(uris, str):
            fields = {name: [value] for name, value in fields.items()}
            uris, fileNames, kinds = [uris], [fileNames], [kinds]
        elif isinstance(uris, (list, tuple)):
            fields = {name: [None] * len(uris) if value is None else value for name, value in fields.items()}
            kinds = [kinds] * len(uris) if kinds is None or isinstance(kinds, str) else kinds
        self.sampleName, self.sampleDescription = sampleName, sampleDescription or sampleName
        self.uris, self.fileNames, self.loadFileTypes = uris, fileNames, kinds
        self.nodeNames, self.loadFiles, self.checksums = fields["nodeNames"], fields["loadFiles"], fields["checksums"]
        self.loadFileProperties = {} if loadFileProperties is None else loadFileProperties
        self.customDownloader, self.thumbnailFileName = customDownloader, thumbnailFileName
        # a missing field has no length: the TypeError is Slicer's own
        if len({len(each) for each in (uris, fileNames, kinds, *fields.values())}) > 1:
            raise ValueError("All fields of sample data source must have the same length")


class SampleDataLogic:
    """Registers sources and makes their data."""

    @staticmethod
    def registerCustomSampleDataSource(
        category="Custom",
        sampleName=None,
        uris=None,
        fileNames=None,
        nodeNames=None,
        customDownloader=None,
        thumbnailFileName=None,
        loadFileTypes=None,
        loadFiles=None,
        loadFileProperties={},  # noqa: B006 (Slicer's own signature)
        checksums=None,
        loadFileType=None,
    ):
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

    def sourceForSampleName(self, sampleName):
        for sources in _sources().values():
            for source in sources:
                if source.sampleName == sampleName:
                    return source
        return None

    def downloadFromSource(self, source, maximumAttemptsCount=3, forceDownload=False):
        """Get the files of a source from its addresses; a downloader of its own is not asked, the page's button does.

        Returns nodes, or paths where no file is to be loaded.
        """
        found = []
        fields = (source.uris, source.fileNames, source.nodeNames, source.loadFiles, source.loadFileTypes)
        for uri, fileName, nodeName, loadFile, kind in zip(*fields, strict=True):
            path = self.downloadFileIntoCache(uri, fileName)
            wanted = nodeName if nodeName is not None else Path(fileName).stem
            found.append(path if loadFile is False else self.loadNode(path, wanted, kind, source.loadFileProperties))
        return found

    def downloadFileIntoCache(self, uri, name, checksum=None, forceDownload=False):
        address = urllib.parse.urlparse(uri)
        if address.scheme != "file":
            raise HostLimit(f"the desktop host has no network: {uri}")
        path = Path(slicer.mrmlScene.GetCacheManager().GetRemoteCacheDirectory()) / name
        shutil.copyfile(urllib.request.url2pathname(address.path), path)
        return path.as_posix()

    def loadNode(self, uri, name, fileType=None, fileProperties={}):  # noqa: B006 (Slicer's own signature)
        loaded = vtk.vtkCollection()
        properties = {**fileProperties, "fileName": uri, "name": name}
        kind = fileType or slicer.app.coreIOManager().fileType(uri)
        if not slicer.app.coreIOManager().loadNodes(kind, properties, loaded):
            return None
        return loaded.GetItemAsObject(0)

    def downloadSamples(self, sampleName):
        source = self.sourceForSampleName(sampleName)
        return self.downloadFromSource(source) if source is not None else []

    def downloadSample(self, sampleName):
        return self.downloadSamples(sampleName)[0]


def _sources():
    if not hasattr(slicer.modules, "sampleDataSources"):
        slicer.modules.sampleDataSources = {}
    return slicer.modules.sampleDataSources


def downloadSample(sampleName):
    return SampleDataLogic().downloadSample(sampleName)


def downloadSamples(sampleName):
    return SampleDataLogic().downloadSamples(sampleName)
