"""The module's sections, each showing one part of the session."""
