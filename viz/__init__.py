"""Draw graphs and networks, step through the sweep, plot a training run."""
