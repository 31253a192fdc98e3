"""What trame-rca's views in the page are taught: to draw once, and to take the mouse where it is seen."""
