"""What classes and their parts measure, with units: plain arrays in, plain values out."""
