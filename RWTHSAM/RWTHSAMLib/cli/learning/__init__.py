"""``rwthsam learn`` and ``rwthsam classify``: classifiers of voxels."""
