"""What a student reads in one sitting: nodes, graphs, the backward sweep, and `Value`.

In come numbers and operations on them; out come recorded nodes and their gradients. Read `node`,
`graph`, `backward`, `value`, `functions`, in this order. Beside them stands what is clever or
generated: `arithmetic` (the table's functions, written out), `domain` (what happens where a rule
ends), `comparisons`, `copying`, `recording` (the garbage collector), `scopes` (what holds in a
`with` block).
"""
