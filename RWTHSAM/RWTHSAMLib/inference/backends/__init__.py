"""What runs a network: PyTorch, OpenVINO, CUDA graphs, and the choice among them."""
