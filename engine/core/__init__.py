"""What a student reads in one sitting: nodes, graphs, the backward sweep, and `Value`.

In come numbers and operations on them; out come recorded nodes and their gradients. Read `node`,
`graph`, `backward`, `value`, `functions`, in this order. Beside them stands what is clever or
generated: `linking` (how a node is made, quickly), `arithmetic` (the table's functions, written
out), `domain` (what happens where a rule ends), `fast_walk` (the sweep's walk), `comparisons`,
`flattening` and `copying`, `scopes` (what holds in a `with` block), `recording` (the collector).
"""
