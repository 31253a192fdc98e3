"""Networks: which there are, where their weights are, how they are loaded."""
