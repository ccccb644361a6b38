"""An output folder that appears whole or not at all: lock, swap, manifest, run log."""
