"""Segmentation of 3D CT scans with Segment Anything models.

Low to high; a package imports only packages below it, see Docs/architecture.md::

    core         plain values: slices, masks, prompts, profiles, settings, undo (standard library and numpy)
    record       what was done to a segmentation, as a file
    volumes      scans read, written, made up
    export       labelmaps, surfaces
    models       catalogue, weights, networks
    inference    engine, backends, cache of embeddings: torch and OpenVINO live here and in models, imported when needed
    algorithms   automatic masks, propagation, windings, thresholds, measurements, rendering
    worker       the process that computes, and how fronts talk to it
    report       a segmentation as a page
    mrml         nodes, views, previews, results, and the session that every front drives
    batch        jobs of many scans: tasks, finished pieces, who does them
    cli, desktop the fronts (RWTHSAMWeb lies beside this package)
"""

__version__ = "0.1.0"
