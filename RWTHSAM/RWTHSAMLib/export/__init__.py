"""Files for other programs: labelmaps with their colour tables, surfaces."""
