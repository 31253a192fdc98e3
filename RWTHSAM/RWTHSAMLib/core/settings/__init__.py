"""What a person chose for each kind of work: checked values with their limits and meaning."""
