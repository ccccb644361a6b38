"""Specifications of datasets in other forms: define.xml, Excel workbooks, the studies that they start or correct."""
