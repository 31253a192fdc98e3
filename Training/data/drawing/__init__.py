"""What every scene is drawn with: a canvas on a grid, planes through bodies, and targets from what was drawn."""
