"""What labels say about unlabeled rows: teacher, cross-fitting, reliability, label shift, stacking."""
