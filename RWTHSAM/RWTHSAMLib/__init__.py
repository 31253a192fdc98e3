"""Segmentation of 3D CT scans with Segment Anything models.

Four floors, imports point down only::

    fronts   batch/                        (and the Slicer modules and RWTHSAMWeb beside this package)
    scene    scene/                        MRML: session, geometry, segments, preview
    work     inference/  models/  volume/  torch and OpenVINO live here only, imported when first needed
    words    errors  slices  image  mask  prompts  profile  prompt_file  timeline   (standard library and numpy)
"""

__version__ = "0.1.0"
