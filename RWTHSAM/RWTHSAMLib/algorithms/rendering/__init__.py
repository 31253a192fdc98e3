"""The numbers of the volume rendering: what is down-sampled to what, and which colour and opacity a voxel gets."""
