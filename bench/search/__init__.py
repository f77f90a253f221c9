"""How good search is: what shoppers would want to find, and what both engines find."""
