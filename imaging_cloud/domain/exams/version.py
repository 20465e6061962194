"""Which edition of the tables and rules gave a meaning: store it beside every stored descriptor."""

RULES = "exam-meaning 2026.11.4"
