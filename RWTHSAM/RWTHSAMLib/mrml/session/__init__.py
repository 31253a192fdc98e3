"""The session that every front drives: prompts, submits, undo, prefetch, long runs."""
