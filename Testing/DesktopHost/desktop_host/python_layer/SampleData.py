"""Sample data sources: registering and making them; nothing is downloaded here."""

from __future__ import annotations

import slicer


class SampleDataSource:
    """One data set on the Sample Data page."""

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
        self.sampleName = sampleName
        self.sampleDescription = sampleDescription or sampleName
        self.uris = _as_list(uris)
        self.fileNames = _as_list(fileNames)
        self.nodeNames = _as_list(nodeNames)
        self.checksums = _as_list(checksums)
        self.loadFiles = _as_list(loadFiles)
        self.loadFileTypes = _as_list(loadFileTypes if loadFileTypes is not None else loadFileType)
        self.loadFileProperties = loadFileProperties or {}
        self.customDownloader = customDownloader
        self.thumbnailFileName = thumbnailFileName
        if not len(self.uris) == len(self.fileNames) == len(self.nodeNames) and not customDownloader:
            raise ValueError(f"{sampleName}: as many uris as fileNames and nodeNames are expected")


def _as_list(value):
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


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
        loadFileProperties=None,
        checksums=None,
        loadFileType=None,
    ):
        source = SampleDataSource(
            sampleName=sampleName,
            uris=uris,
            fileNames=fileNames,
            nodeNames=nodeNames,
            thumbnailFileName=thumbnailFileName,
            loadFileTypes=loadFileTypes if loadFileTypes is not None else loadFileType,
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

    def downloadFromSource(self, source, maximumCacheSizeMB=None):
        if source.customDownloader is None:
            raise RuntimeError("the desktop host downloads nothing: only sources with a customDownloader can be made")
        made = source.customDownloader(source)
        return made if isinstance(made, (list, tuple)) else [made]

    def downloadSamples(self, sampleName):
        source = self.sourceForSampleName(sampleName)
        if source is None:
            raise RuntimeError(f"no sample data source is named {sampleName}")
        return self.downloadFromSource(source)

    def downloadSample(self, sampleName):
        return self.downloadSamples(sampleName)[0]


def _sources():
    if not hasattr(slicer.modules, "sampleDataSources"):
        slicer.modules.sampleDataSources = {}
    return slicer.modules.sampleDataSources


def downloadSample(sampleName):
    return SampleDataLogic().downloadSample(sampleName)
