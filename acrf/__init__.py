"""The annotated CRF: forms and fields with the SDTM variables that they become, as PDF, workbook and XFDF."""
