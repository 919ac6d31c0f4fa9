"""Training: losses, optimisers, schedules, and the loop that uses them.

In come a model and data; out come a trained model and its `History`. Open `fit` first, then
`losses` and `optim`.
"""
