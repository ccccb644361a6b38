"""The data definition document of a folder of datasets: define.xml 2.1, its readable page, and their checks.

Not for deciding what a dataset is: everything here takes finished specs. ``document`` writes define.xml, ``page``
define.html and the stylesheet, ``checks`` compares with the schema, the folder and the transport files.
"""
