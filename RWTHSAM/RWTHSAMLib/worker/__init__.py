"""The process that computes masks, and how fronts talk to it without waiting."""
