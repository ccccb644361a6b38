"""The course of each synthetic subject."""
