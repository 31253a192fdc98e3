"""A classifier of voxels, learned from classes that somebody painted on one scan and used on others."""
