"""How a panel was photographed decides what can be measured: one file for each way."""
