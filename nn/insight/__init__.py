"""Why a weight moves: the paths behind one step of training.

In come a model, a sample and the name of a weight; out comes a table of paths. Open `why`.
"""
