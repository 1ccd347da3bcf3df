"""Who may call: keys, the gate, rates, headers and time limits, and the audit."""
