"""The benchmark: data sets × labels per class × methods × seeds, measured once and kept as JSON lines."""
