"""The language of date formats: dd/mm/yyyy, dd-mon-yy, excel-1900, seconds since 1960-01-01; and reading texts by it.

Not for columns of records (dates.py) nor for what study.yaml declares for a column (date_reader.py).
"""
