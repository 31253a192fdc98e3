"""From a region that the model found to the fine structure inside it, by grey values."""
