"""A segmentation as one page for the appendix: pictures, tables, plots, provenance."""
