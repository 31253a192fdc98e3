"""What mouse and keys do, as the Segment Editor and the module show it."""

from __future__ import annotations

from slicer.i18n import tr as _

HELP_HTML = _(
    """<html>Click on an object in a slice view and submit its mask to the selected segment.
<p><b>Mouse</b><br>
Left or middle click: positive point (left click on a prompt selects it)<br>
Ctrl + left or middle click: negative point<br>
Left drag: scribble over what is meant, with Ctrl over what is not<br>
Shift + middle drag, or left drag with <i>Box</i> chosen: bounding box<br>
Left drag with <i>Winding</i> chosen: trace a winding; with Ctrl take it away<br>
Middle drag: pan, right drag: zoom, wheel: browse slices, as always</p>
<p><b>Keys</b> (in the view)<br>
Enter: submit the mask &nbsp; Esc: delete all prompts<br>
C: another mask for the first prompt<br>
W: let the model wait while prompts are gathered, then compute their masks<br>
I, O: the last line along a winding again, one winding inwards, outwards<br>
N, Shift+N: next, previous class<br>
Ctrl+K: delete the selected prompt &nbsp; Ctrl+Shift+K: all<br>
Ctrl+Z, Ctrl+Y: undo, redo</p>
<p>In the mode <i>Automatic</i> of the module RWTHSAM a left click selects an object that was found; without
prompts, Enter submits and Esc deselects.</p></html>"""
)
