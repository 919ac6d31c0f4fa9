"""What one asks of a gradient: higher derivatives, a check, an operation of one's own.

In come Values or functions of them; out come numbers, Values, tables. `derivatives` has grad,
jacobian, hessian; `check` compares with differences; `custom` defines and proves a new row.
"""
