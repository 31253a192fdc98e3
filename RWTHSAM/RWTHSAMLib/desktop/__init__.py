"""Desktop Slicer's side of the session: panels, view events, keys, what must be installed, and who shares what.

Front floor: files here may import ``slicer``, ``qt``, ``ctk`` and ``vtk`` when they are imported, and nothing that has
to be installed first.
"""
