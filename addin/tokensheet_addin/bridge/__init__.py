"""Our own bridge to Excel: the functions over HTTP, for Microsoft's Office.js custom functions.

`calls` computes, `manifest` describes the functions to Excel, `app` serves both and the task pane in `pages/`, and
`serve` listens.
"""
