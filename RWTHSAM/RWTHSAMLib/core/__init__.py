"""Plain values that every part speaks: extents, grids, slices, masks, prompts; numpy is all they need."""
