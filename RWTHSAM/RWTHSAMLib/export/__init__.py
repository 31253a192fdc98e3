"""Files for other programs: labelmaps, colour tables, surfaces as STL, OBJ and glTF (`mrml.results` makes them)."""
