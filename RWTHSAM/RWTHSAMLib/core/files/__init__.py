"""What lies under the one way of writing: locks, and folders for files that are not finished."""
