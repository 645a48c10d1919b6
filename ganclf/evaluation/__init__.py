"""What a run tells: metrics, baselines, reports and plots."""
