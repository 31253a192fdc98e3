"""What is no battery: things with outlines, bodies, and fields that fill the view."""
