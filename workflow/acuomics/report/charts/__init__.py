"""The interactive figures of the report: Vega-Lite specifications, and the data that they name."""
