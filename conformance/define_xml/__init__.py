"""The checks of a define.xml, alone and against the records that it describes."""
