"""Lesions: the evaluations of a subject, with the sum of its target lesions."""
