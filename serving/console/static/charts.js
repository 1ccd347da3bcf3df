// Draws every figure.chart from its data-chart.
