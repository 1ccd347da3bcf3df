"""Reviews and replies on their way out: to analysts, to training, without names."""
