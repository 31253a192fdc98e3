"""Which part of a class becomes the prompt when the class is to become better on a slice."""
