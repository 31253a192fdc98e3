"""What leaves a scene: exports, surfaces, measurements, reports."""
