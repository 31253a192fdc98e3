"""Tables and plots of the scene, in a layout that has room for them."""

from __future__ import annotations

import slicer


def show_chart(chart: slicer.vtkMRMLPlotChartNode) -> None:
    """Show a plot; the layout changes to one with a plot view where it has none."""
    slicer.modules.plots.logic().ShowChartInLayout(chart)


def show_table(table: slicer.vtkMRMLTableNode) -> None:
    """Show a table; the layout changes to one with a table view where it has none, and plots stay in it."""
    layout_node = table.GetScene().GetFirstNodeByClass("vtkMRMLLayoutNode")
    if layout_node is not None:  # without a main window there may be no layout
        present = layout_node.GetViewArrangement()
        wanted = slicer.modules.tables.logic().GetLayoutWithTable(present)
        if wanted != present:
            layout_node.SetViewArrangement(wanted)
    application = slicer.app.applicationLogic()
    application.GetSelectionNode().SetActiveTableID(table.GetID())
    application.PropagateTableSelection()
