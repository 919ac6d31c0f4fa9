"""Replay: a recorded graph as a flat program that runs again on new numbers, at machine speed."""
