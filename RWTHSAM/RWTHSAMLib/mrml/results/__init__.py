"""What leaves a scene: smooth surfaces, exports by the writers of `export`, measurements, reports."""
