"""Metrics, intervals, perturbations, plots, report and model card."""
