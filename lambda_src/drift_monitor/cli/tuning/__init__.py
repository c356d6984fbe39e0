"""Tuning: thresholds that a monitor's own past proposes, proved on changes made for it."""
