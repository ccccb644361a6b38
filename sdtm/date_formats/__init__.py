"""The language of date formats: dd/mm/yyyy, dd-mon-yy, excel-1900, seconds since 1960-01-01; and reading texts by it.

Not for columns of records (sdtm/derivations/dates.py) nor for the declarations of a column (sdtm/date_reader.py).
"""
