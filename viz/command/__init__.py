"""The command `everypath`: one file for each kind of job, `cli` in front.

In come a command line's words; out come text, files and an exit code. Open `cli` first, then
`options` (which words there are).
"""
