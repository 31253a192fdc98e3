"""PythonQt's rules over PySide6: which members exist, how arguments convert, what is refused and how."""
